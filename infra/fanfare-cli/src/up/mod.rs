//! `fanfare up`: runs a template until Ctrl-C or SIGTERM.

mod check;
mod console;
mod listing;
mod sources;
mod values;
mod watch;

use crate::output::show_log;
use crate::parameter::parameter;
use crate::terminal::{BAD, GOOD, styled};
use clap::Args;
use fanfare_console::Console;
use fanfare_local::{Options, Runner};
use std::error::Error;
use std::future::pending;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Args)]
#[command(after_help = "Examples:
  fanfare up                                        the nearest template.yaml or infra/template.yaml
  fanfare up --template my.yaml --parameter Stage=dev
  fanfare up --template theirs.yaml --check         what would run here, what differs from AWS, and what keeps it from running
  fanfare up --template theirs.yaml --skip-unsupported
  fanfare up --watch                                a saved handler runs a moment later, without a restart
  fanfare up --parameters dev.json --stack-name shop --region eu-central-1
  fanfare up --data .fanfare --logs                 kept between runs, with what the functions log
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws sqs list-queues

It ends by Ctrl-C or SIGTERM. Exit code 0: ended as asked, or (--check) would start; 1: could not start; 2: wrong arguments.")]
pub(crate) struct UpCommand {
    #[command(flatten)]
    up: UpArguments,
    /// Build what is changed and put it in the place of what runs; an error is shown, and the old one goes on
    #[arg(long, conflicts_with = "check")]
    watch: bool,
    /// Start nothing: say what would run, what is left out, what differs from AWS, and all that keeps it from running
    #[arg(long)]
    check: bool,
    /// Say that as JSON
    #[arg(long, requires = "check")]
    json: bool,
}

/// What to run, and how.
#[derive(Debug, Args)]
pub struct UpArguments {
    /// The port of the AWS services (DynamoDB, SQS, SNS, SES, Lambda); 0: any free one
    #[arg(long, default_value_t = 4566)]
    port: u16,
    /// The port of the HTTP API; 0: any free one
    #[arg(long, default_value_t = 8080)]
    api_port: u16,
    #[command(flatten)]
    console: ConsoleArguments,
    /// Keep tables and messages in this folder; without it all is gone when the runner ends
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The template [default: template.yaml, or infra/template.yaml, here or in a folder above]
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// A value for one of the template's parameters; may be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// A file with values of the template's parameters, in JSON as AWS's commands take it or as lines NAME=VALUE. Before it
    /// the samconfig.toml beside the template counts, after it --parameter
    #[arg(long = "parameters", value_name = "FILE")]
    parameter_file: Option<PathBuf>,
    /// AWS::StackName, and the beginning of the names that the template leaves open
    #[arg(long, value_name = "NAME", default_value = "fanfare")]
    stack_name: String,
    /// AWS::Region
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    region: String,
    /// AWS::AccountId, twelve digits
    #[arg(long, value_name = "ID", default_value = "000000000000", value_parser = account)]
    account: String,
    /// Answer to this name too, as if it were one of this machine, such as host.docker.internal; may be repeated
    #[arg(long = "allow-host", value_name = "NAME")]
    allowed_hosts: Vec<String>,
    /// Take the functions' programs from this folder alone
    #[arg(long, value_name = "DIR")]
    functions: Option<PathBuf>,
    /// Leave out what can't run here, and say so, instead of not starting
    #[arg(long)]
    skip_unsupported: bool,
    /// Take who calls the HTTP API without a token or a signature for staff
    #[arg(long)]
    open: bool,
    /// Show what the functions log
    #[arg(long)]
    logs: bool,
}

/// Whether there is a console, and where.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct ConsoleArguments {
    /// The port of the console [default: 4580, or a free one if that is taken]; 0: any free one
    #[arg(long, value_name = "PORT", conflicts_with = "no_console")]
    console_port: Option<u16>,
    /// Serve no console
    #[arg(long)]
    no_console: bool,
}

/// There is nothing to run.
#[derive(Debug, thiserror::Error)]
#[error("there is no template.yaml or infra/template.yaml here or above: name one with --template")]
struct NoTemplate;

impl UpArguments {
    /// Whether there is to be a console, and where.
    pub fn console(&self) -> ConsoleArguments {
        self.console
    }

    /// What the runner is asked for.
    ///
    /// # Errors
    /// When no template is given and none is near, and when a file of parameters can't be read.
    pub fn options(self) -> Result<Options, Box<dyn Error>> {
        let template = match self.template {
            Some(template) => template,
            None => fanfare_template::nearest(&std::env::current_dir()?).ok_or(NoTemplate)?,
        };
        let mut options = Options::new(template);
        options.parameters = values::of_samconfig(&options.template)?;
        if let Some(file) = &self.parameter_file {
            options.parameters.extend(values::of_file(file)?);
        }
        options.parameters.extend(self.parameters);
        options.stack_name = self.stack_name;
        options.region = self.region;
        options.account = self.account;
        options.port = self.port;
        options.api_port = self.api_port;
        options.data = self.data;
        options.functions = self.functions;
        options.allowed_hosts = self.allowed_hosts;
        options.skip_unsupported = self.skip_unsupported;
        options.open = self.open;
        options.echo = self.logs.then_some(show_log as fn(&str, &str));
        Ok(options)
    }
}

fn account(text: &str) -> Result<String, &'static str> {
    match text.len() == 12 && text.bytes().all(|digit| digit.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("an account is of twelve digits"),
    }
}

pub(crate) async fn up(arguments: UpCommand) -> Result<ExitCode, Box<dyn Error>> {
    let console = arguments.up.console();
    let options = arguments.up.options()?;
    if arguments.check {
        return check::check(&options, arguments.json);
    }
    let (template, data) = (options.template.clone(), options.data.clone());
    match arguments.watch {
        true => {
            let meanwhile =
                async |runner: &_| watch::watch(runner, &template, data.as_deref()).await;
            run(options, console, meanwhile).await?
        }
        false => run(options, console, async |_| pending().await).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a template until Ctrl-C or SIGTERM. Once everything is there, a line says where, and `meanwhile` is awaited;
/// when that ends, so does the run.
///
/// # Errors
/// When the template can't be run or stopped in good order, and those of `meanwhile`.
pub async fn run(
    options: Options,
    console: ConsoleArguments,
    meanwhile: impl AsyncFnOnce(&Runner) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let (begun, is_open) = (Instant::now(), options.open);
    let names =
        console::Names { stack: options.stack_name.clone(), region: options.region.clone() };
    // Both are listened for before anything starts, so that neither can end the process half-way.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let console = console.listen().await?;
    let runner = tokio::select! {
        started = Runner::start(options) => started?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    say_ready(&runner, console.as_ref(), begun)?;
    let console = console.map(|console| console::serve(console, &runner, names));
    if is_open {
        anstream::eprintln!(
            "{}: who calls the HTTP API without a token is taken for staff (--open)",
            styled(BAD, "open")
        );
    }
    tokio::select! {
        ended = meanwhile(&runner) => ended?,
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    if let Some(console) = console {
        console.end().await;
    }
    runner.stop().await?;
    Ok(())
}

fn say_ready(runner: &Runner, console: Option<&Console>, begun: Instant) -> std::io::Result<()> {
    let mut out = anstream::stdout();
    let (ready, took) = (styled(GOOD, "ready"), begun.elapsed().as_millis());
    let api = match runner.stack().routes.is_empty() {
        true => String::new(),
        false => format!("HTTP API {}  ", runner.api_url()),
    };
    writeln!(out, "{ready} in {took} ms: {api}AWS endpoint {}", runner.endpoint())?;
    if let Some(console) = console {
        writeln!(out, "{}", listing::line("console", console.url()))?;
    }
    for line in listing::stack(runner.stack()).iter().chain(&listing::left_out(runner.left_out())) {
        writeln!(out, "{line}")?;
    }
    out.flush()
}
