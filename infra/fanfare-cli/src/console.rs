//! `fanfare console`: the console of a stack elsewhere, until Ctrl-C or SIGTERM.

use crate::output::say;
use crate::target::{EXIT_CODES, TargetArguments};
use clap::Args;
use fanfare_console::{Console, Writes};
use std::error::Error;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Args)]
#[command(after_help = format!("\
Examples:
  fanfare console --endpoint http://127.0.0.1:4566            a stack that another terminal runs, or an emulator's
  fanfare console --stack home-prod --region eu-central-1     one on AWS, with your credentials; it only shows
  fanfare console --stack home-prod --region eu-central-1 --allow-writes

It listens on this machine alone and prints its address, which ends in a token: whoever has it may see what you may. Pages say
what they did not read; each costs requests of your account while it is seen. `fanfare up` has a console of its own.
{EXIT_CODES}"))]
pub(crate) struct ConsoleArguments {
    #[command(flatten)]
    target: TargetArguments,
    /// The port [default: 4580, or a free one if that is taken]; 0: any free one
    #[arg(long, value_name = "PORT")]
    console_port: Option<u16>,
    /// Let the console change things, such as send dead letters back; without it, it does so for `fanfare up` alone
    #[arg(long)]
    allow_writes: bool,
}

pub(crate) async fn console(arguments: ConsoleArguments) -> Result<ExitCode, Box<dyn Error>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let connection = arguments.target.connect().await?;
    // What is wrong with the target is said here, and not on every page.
    let stack = connection.description().await?.stack.clone();
    let console = Console::listen(arguments.console_port).await?;
    say(&format!("console of {stack}: {}", console.url()))?;
    let writes = if arguments.allow_writes { Writes::Allowed } else { Writes::OnRunnerAlone };
    let stop = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    console.serve(connection, writes, stop).await;
    Ok(ExitCode::SUCCESS)
}
