//! `fanfare store up`: the store with its sandbox and its demo, until Ctrl-C or SIGTERM.

use crate::api::{Api, TOKEN};
use crate::demo;
use clap::Args;
use fanfare_bootstrap::{Environment, ErrorChain};
use fanfare_cli::terminal::{DIM, complain, styled};
use fanfare_cli::token;
use fanfare_cli::up::UpArguments;
use fanfare_local::{Holder, Options, Runner};
use fanfare_operate::Target;
use payment_sandbox::Sandbox;
use std::error::Error;
use std::future::pending;
use std::io::Write;

/// The store's parameter that says where the payment gateway is.
const PAYMENT_GATEWAY_URL: &str = "PaymentGatewayUrl";
/// The store's parameter that holds a gateway's key which is no secret.
const PAYMENT_KEY: &str = "PaymentKey";
/// The store's parameters that say whose tokens open the API, and for whom they are meant.
const JWT_ISSUER: &str = "JwtIssuer";
const JWT_AUDIENCE: &str = "JwtAudience";
/// For whom the runner's tokens are meant.
const AUDIENCE: &str = "store";

#[derive(Args)]
#[command(after_help = "Examples:
  fanfare store up                                  with a few sample orders
  fanfare store up --no-demo --data .fanfare        kept between runs
  fanfare store up --parameter PaymentGatewayUrl=https://api.stripe.com --parameter PaymentKey=sk_test_...

Without PaymentGatewayUrl the store pays at a sandbox of its own. It ends by Ctrl-C or SIGTERM. Exit code 0: ended as asked;
1: could not start; 2: wrong arguments.")]
pub(crate) struct UpCommand {
    #[command(flatten)]
    up: UpArguments,
    /// Do not place sample orders
    #[arg(long)]
    no_demo: bool,
}

/// Runs until it is told to end.
pub(crate) async fn up(arguments: UpCommand) -> Result<(), Box<dyn Error>> {
    let console = arguments.up.console();
    let mut options = arguments.up.options()?;
    // It ends when it is dropped.
    let _sandbox = match options.parameters.contains_key(PAYMENT_GATEWAY_URL) {
        true => None,
        false => Some(pay_at_sandbox(&mut options).await?),
    };
    options.issuer_parameter = Some(JWT_ISSUER.to_owned());
    options.parameters.entry(JWT_AUDIENCE.to_owned()).or_insert_with(|| AUDIENCE.to_owned());
    let with_demo = !arguments.no_demo;
    fanfare_cli::up::run(options, console, async |runner| {
        if with_demo {
            show(runner).await?;
        }
        pending().await
    })
    .await
}

async fn pay_at_sandbox(options: &mut Options) -> Result<Sandbox, Box<dyn Error>> {
    let sandbox = Sandbox::start().await?;
    options.parameters.insert(PAYMENT_GATEWAY_URL.to_owned(), sandbox.url());
    options.parameters.insert(PAYMENT_KEY.to_owned(), payment_sandbox::KEY.to_owned());
    Ok(sandbox)
}

/// Shows the demo, and where things are. A demo that fails leaves the store running.
async fn show(runner: &Runner) -> std::io::Result<()> {
    if let Err(error) = run_demo(runner).await {
        complain(&format!("the demo failed: {}", ErrorChain(&*error)));
    }
    let mut out = anstream::stdout();
    writeln!(out, "\nHTTP API      {}", runner.api_url())?;
    writeln!(out, "AWS endpoint  {}", runner.endpoint())?;
    writeln!(out, "Mailbox       {}/_fanfare/mailbox", runner.endpoint())?;
    let endpoint = match runner.endpoint() {
        token::HERE => String::new(),
        elsewhere => format!(" --endpoint {elsewhere}"),
    };
    let example = format!("curl -H \"Authorization: Bearer $(fanfare token --staff{endpoint})\"");
    writeln!(out, "Try           {example} {}/products", runner.api_url())?;
    writeln!(out, "{}", styled(DIM, "Ctrl-C ends it."))?;
    out.flush()
}

async fn run_demo(runner: &Runner) -> Result<(), Box<dyn Error>> {
    // Nothing of the user's environment is needed to call the runner.
    let target = Target::at(runner.endpoint());
    let token = runner.token(&Holder::staff())?;
    let environment = Environment::from_iter([(TOKEN, token.as_str())]);
    demo::run(&Api::open(runner.api_url(), &target, &environment).await?).await
}
