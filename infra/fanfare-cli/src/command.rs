//! Which command is meant, and how it ends.

use crate::{
    completions, console, cost, dlq, export, external, invoke, lint, new, output, queues, replay,
    send, terminal, token, trace, up,
};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::error::Error;
use std::ffi::OsString;
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
    /// Begin a project, or add an event or a consumer to one
    New(new::NewArguments),
    /// Run a SAM template here: tables, topics, queues, functions and the HTTP API
    Up(up::UpCommand),
    /// Announce one event by hand, and show what became of it
    Send(send::SendArguments),
    /// Print a token for the HTTP API of `fanfare up`
    Token(token::TokenArguments),
    /// Call one function with a sample event file
    Invoke(invoke::InvokeArguments),
    /// Check SAM or CloudFormation templates against what AWS asks of queues, topics, tables and functions
    Lint(lint::LintArguments),
    /// Show, send back, purge and export dead letters
    Dlq(dlq::DlqArguments),
    /// Show how full every queue is
    Queues(queues::QueuesArguments),
    /// Say what a month on AWS costs, from what `fanfare up` has counted
    Cost(cost::CostArguments),
    /// Show what became of the events about one thing, consumer by consumer
    Trace(trace::TraceArguments),
    /// Show a running stack in a browser: flow, traces, failures, queues
    Console(console::ConsoleArguments),
    /// Print the completions of a shell
    Completions(completions::CompletionsArguments),
    /// Send stored events to a consumer's queue again
    Replay(replay::ReplayArguments),
    /// Write events to a file, for later analysis
    Export(export::ExportArguments),
}

/// Does what the arguments ask for, the program's name first.
pub async fn run(arguments: Vec<OsString>) -> ExitCode {
    show_warnings();
    if let Some(error) = external::replace_this_process(&arguments, &Arguments::command()) {
        return ended(Err(error.into()));
    }
    let known = external::listed_in(Arguments::command());
    let matches = known.try_get_matches_from(arguments).unwrap_or_else(|error| error.exit());
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    ended(match arguments.command {
        Command::New(arguments) => new::new(arguments).map(|()| ExitCode::SUCCESS),
        Command::Up(arguments) => up::up(arguments).await,
        Command::Send(arguments) => send::send(arguments).await,
        Command::Token(arguments) => token::token(arguments).await.map(|()| ExitCode::SUCCESS),
        Command::Invoke(arguments) => invoke::invoke(arguments).await.map(|()| ExitCode::SUCCESS),
        Command::Lint(arguments) => return lint::lint(&arguments),
        Command::Dlq(arguments) => dlq::dlq(arguments).await,
        Command::Queues(arguments) => queues::queues(arguments).await,
        Command::Cost(arguments) => cost::cost(arguments).await,
        Command::Trace(arguments) => trace::trace(arguments).await,
        Command::Console(arguments) => console::console(arguments).await,
        Command::Completions(arguments) => {
            let printed = completions::completions(&arguments, Arguments::command());
            printed.map(|()| ExitCode::SUCCESS).map_err(Into::into)
        }
        Command::Replay(arguments) => replay::replay(arguments).await,
        Command::Export(arguments) => export::export(arguments).await,
    })
}

/// The exit code of a command; what went wrong is one line on standard error.
pub fn ended(done: Result<ExitCode, Box<dyn Error>>) -> ExitCode {
    done.unwrap_or_else(|error| {
        terminal::complain(&fanfare_bootstrap::ErrorChain(&*error).to_string());
        ExitCode::FAILURE
    })
}

/// Shows on standard error what the runner says beside the point: crashes of functions, dead letters.
pub fn show_warnings() {
    let started = tracing_subscriber::fmt()
        .with_writer(output::warnings)
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_ansi(false)
        .without_time()
        .with_target(false)
        .try_init();
    if started.is_err() {
        anstream::eprintln!("warnings are shown elsewhere");
    }
}
