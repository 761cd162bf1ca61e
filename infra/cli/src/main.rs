//! `fanfare`: the operator's command.

mod demo;
mod history;
mod http_client;
mod invoke;
mod terminal;
mod up;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Event-driven services on this machine, with real parts.
#[derive(Parser)]
#[command(name = "fanfare", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a SAM template here: tables, topics, queues, functions and the HTTP API
    Up(up::UpArguments),
    /// Call one function with a sample event file
    Invoke(invoke::InvokeArguments),
    /// Send stored events to a consumer's queue again
    Replay(history::ReplayArguments),
    /// Build the read models of orders anew
    Views(history::ViewsArguments),
    /// Write events to a file, for later analysis
    Export(history::ExportArguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    show_warnings();
    let done = match Arguments::parse().command {
        Command::Up(arguments) => up::up(arguments).await,
        Command::Invoke(arguments) => invoke::invoke(arguments).await,
        Command::Replay(arguments) => history::replay(arguments).await,
        Command::Views(arguments) => history::views(arguments).await,
        Command::Export(arguments) => history::export(arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let chain = composition::ErrorChain(&*error);
            anstream::eprintln!(
                "{}error:{} {chain}",
                terminal::BAD.render(),
                terminal::BAD.render_reset()
            );
            ExitCode::FAILURE
        }
    }
}

/// Shows on standard error what the runner says beside the point: crashes of functions, dead letters.
fn show_warnings() {
    let started = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_ansi(false)
        .without_time()
        .with_target(false)
        .try_init();
    if started.is_err() {
        anstream::eprintln!("warnings are shown elsewhere");
    }
}
