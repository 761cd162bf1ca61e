//! `fanfare`: the operator's command.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    fanfare_cli::run(std::env::args_os().collect()).await
}
