//! `fanfare-store`: the store's commands, which `fanfare store …` finds beside itself.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    store_cli::run().await
}
