//! `fanfare up`: runs a template until Ctrl-C or SIGTERM.

use crate::demo;
use crate::terminal::{BAD, DIM, GOOD};
use clap::Args;
use fanfare_local::{Options, Runner};
use payment_sandbox::Sandbox;
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;
use tokio::signal::unix::{SignalKind, signal};

/// The store's own template, from the repository's root.
const STORE: &str = "infra/template.yaml";
/// The store's parameter that says where the payment gateway is.
const PAYMENT_GATEWAY_URL: &str = "PaymentGatewayUrl";
/// The store's parameter that holds a gateway's key which is no secret.
const PAYMENT_KEY: &str = "PaymentKey";

#[derive(Args)]
#[command(after_help = "Examples:
  fanfare up                                        the store, with a few sample orders
  fanfare up --no-demo --data .fanfare              the store, kept between runs
  fanfare up --template my.yaml --parameter Stage=dev
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws sqs list-queues

It ends by Ctrl-C or SIGTERM. Exit code 0: ended as asked; 1: could not start; 2: wrong arguments.")]
pub(crate) struct UpArguments {
    /// The port of the AWS services (DynamoDB, SQS, SNS, SES, Lambda); 0: any free one
    #[arg(long, default_value_t = 4566)]
    port: u16,
    /// The port of the HTTP API; 0: any free one
    #[arg(long, default_value_t = 8080)]
    api_port: u16,
    /// Keep tables and messages in this folder; without it everything is in memory
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Do not place sample orders
    #[arg(long)]
    no_demo: bool,
    /// Another template than the store's; implies --no-demo
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// A value for one of the template's parameters; may be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Take the functions' programs from this folder alone
    #[arg(long, value_name = "DIR")]
    functions: Option<PathBuf>,
    /// Show what the functions log
    #[arg(long)]
    logs: bool,
}

/// Reads `NAME=VALUE`.
pub(crate) fn parameter(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = parts.ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Runs until it is told to end.
pub(crate) async fn up(arguments: UpArguments) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    // Both are listened for before anything starts, so that neither can end the process half-way.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let with_demo = !arguments.no_demo && arguments.template.is_none();
    let sandbox = match needs_sandbox(&arguments) {
        true => Some(Sandbox::start().await?),
        false => None,
    };
    let options = options(arguments, sandbox.as_ref());
    let runner = tokio::select! {
        started = Runner::start(options) => started?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    say_ready(&runner, begun)?;
    tokio::select! {
        shown = show(&runner, with_demo) => shown?,
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    runner.stop().await?;
    Ok(())
}

/// The store pays at a sandbox, unless it is told of another gateway.
fn needs_sandbox(arguments: &UpArguments) -> bool {
    let named = |(name, _): &(String, String)| name == PAYMENT_GATEWAY_URL;
    arguments.template.is_none() && !arguments.parameters.iter().any(named)
}

fn options(arguments: UpArguments, sandbox: Option<&Sandbox>) -> Options {
    let mut options = Options::new(arguments.template.unwrap_or_else(|| STORE.into()));
    options.parameters = arguments.parameters.into_iter().collect();
    if let Some(sandbox) = sandbox {
        options.parameters.insert(PAYMENT_GATEWAY_URL.to_owned(), sandbox.url());
        options.parameters.insert(PAYMENT_KEY.to_owned(), payment_sandbox::KEY.to_owned());
    }
    options.port = arguments.port;
    options.api_port = arguments.api_port;
    options.data = arguments.data;
    options.functions = arguments.functions;
    options.echo = arguments.logs;
    options
}

fn say_ready(runner: &Runner, begun: Instant) -> std::io::Result<()> {
    let mut out = anstream::stdout();
    let (good, reset) = (GOOD.render(), GOOD.render_reset());
    writeln!(
        out,
        "{good}ready{reset} in {} ms: HTTP API {}  AWS endpoint {}",
        begun.elapsed().as_millis(),
        runner.api_url(),
        runner.endpoint()
    )?;
    out.flush()
}

/// Shows the demo, if there is one, and then waits for ever.
async fn show(runner: &Runner, with_demo: bool) -> std::io::Result<()> {
    if with_demo {
        if let Err(error) = demo::run(runner.api_url()).await {
            let chain = fanfare_bootstrap::ErrorChain(&*error).to_string();
            anstream::eprintln!("{}the demo failed:{} {chain}", BAD.render(), BAD.render_reset());
        }
        let mut out = anstream::stdout();
        let (dim, reset) = (DIM.render(), DIM.render_reset());
        writeln!(out, "\nHTTP API      {}", runner.api_url())?;
        writeln!(out, "AWS endpoint  {}", runner.endpoint())?;
        writeln!(out, "Mailbox       {}/_fanfare/mailbox", runner.endpoint())?;
        writeln!(out, "{dim}Ctrl-C ends it.{reset}")?;
        out.flush()?;
    }
    std::future::pending().await
}
