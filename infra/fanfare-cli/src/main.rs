//! `fanfare`: the operator's command.

mod age;
mod bar;
mod completions;
mod demo;
mod dlq;
mod history;
mod http_client;
mod interrupt;
mod invoke;
mod lint;
mod output;
mod place;
mod queues;
mod sandbox;
mod target;
mod terminal;
mod trace;
mod up;

use clap::{CommandFactory, Parser, Subcommand};
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
    /// Check SAM or CloudFormation templates against what AWS asks of queues, topics, tables and functions
    Lint(lint::LintArguments),
    /// Show, send back, purge and export dead letters
    Dlq(dlq::DlqArguments),
    /// Show how full every queue is
    Queues(queues::QueuesArguments),
    /// Show the way of an order through the consumers
    Trace(trace::TraceArguments),
    /// Place orders from a file
    Place(place::PlaceArguments),
    /// Run the payment sandbox alone, for a stack on an emulator
    Sandbox(sandbox::SandboxArguments),
    /// Print the completions of a shell
    Completions(completions::CompletionsArguments),
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
        Command::Up(arguments) => up::up(arguments).await.map(|()| ExitCode::SUCCESS),
        Command::Invoke(arguments) => invoke::invoke(arguments).await.map(|()| ExitCode::SUCCESS),
        Command::Lint(arguments) => return lint::lint(&arguments),
        Command::Dlq(arguments) => dlq::dlq(arguments).await,
        Command::Queues(arguments) => queues::queues(arguments).await,
        Command::Trace(arguments) => trace::trace(arguments).await,
        Command::Place(arguments) => place::place(arguments).await,
        Command::Sandbox(arguments) => {
            sandbox::sandbox(&arguments).await.map(|()| ExitCode::SUCCESS)
        }
        Command::Completions(arguments) => {
            let printed = completions::completions(&arguments, Arguments::command());
            printed.map(|()| ExitCode::SUCCESS).map_err(Into::into)
        }
        Command::Replay(arguments) => history::replay(arguments).await,
        Command::Views(arguments) => history::views(arguments).await,
        Command::Export(arguments) => history::export(arguments).await,
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            let chain = fanfare_bootstrap::ErrorChain(&*error);
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
