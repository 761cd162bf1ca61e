//! The store's commands: what an operator or a developer does with orders, on top of what `fanfare` does with any stack.
//!
//! `fanfare store …` runs the program `fanfare-store`, whose `main` is [`run`].

mod api;
mod demo;
mod place;
mod sandbox;
mod trace;
mod up;
mod views;

pub use api::{Api, ApiError, api_url};

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The store that proves the platform: orders, and what becomes of them.
#[derive(Parser)]
#[command(
    name = "fanfare store",
    bin_name = "fanfare store",
    version,
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the store here, with a payment gateway of its own and a few sample orders
    Up(up::UpCommand),
    /// Place the sample orders and show what every consumer made of them
    Demo(demo::DemoArguments),
    /// Place orders from a file
    Place(place::PlaceArguments),
    /// Show the way of an order through the consumers, as the store's HTTP API tells it
    Trace(trace::TraceArguments),
    /// Run the payment sandbox alone, for a stack on an emulator
    Sandbox(sandbox::SandboxArguments),
    /// Build the read models of orders anew
    Views(views::ViewsArguments),
}

/// Does what the arguments of this process ask for.
pub async fn run() -> ExitCode {
    fanfare_cli::show_warnings();
    fanfare_cli::ended(match Arguments::parse().command {
        Command::Up(arguments) => up::up(arguments).await.map(|()| ExitCode::SUCCESS),
        Command::Demo(arguments) => demo::demo(&arguments).await.map(|()| ExitCode::SUCCESS),
        Command::Place(arguments) => place::place(arguments).await,
        Command::Trace(arguments) => trace::trace(arguments).await,
        Command::Sandbox(arguments) => {
            sandbox::sandbox(&arguments).await.map(|()| ExitCode::SUCCESS)
        }
        Command::Views(arguments) => views::views(arguments).await,
    })
}
