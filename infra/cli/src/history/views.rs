//! `fanfare views rebuild`

use super::bar::Bar;
use super::{StackArguments, stop_on_signal};
use clap::{Args, Subcommand};
use fanfare_history::Rebuilding;
use std::error::Error;

#[derive(Args)]
pub(crate) struct ViewsArguments {
    #[command(subcommand)]
    command: ViewsCommand,
}

#[derive(Subcommand)]
enum ViewsCommand {
    /// Drop the read models of orders and build them anew from the event store, while events keep flowing
    #[command(after_help = "Examples:
  fanfare views rebuild --endpoint http://127.0.0.1:4566
  fanfare views rebuild --stack fanfare-prod --region eu-central-1

What is shown stays until the new views are complete, and then changes at once; readers never see a part. One rebuild
runs at a time. It may be interrupted by Ctrl-C at any time: what is shown stays as it was, and another can begin at
once. One that is killed keeps others out for a minute.

Exit code 0: rebuilt; 1: failed, refused or interrupted; 2: wrong arguments.")]
    Rebuild(StackArguments),
}

/// Does something with the views.
pub(crate) async fn views(arguments: ViewsArguments) -> Result<(), Box<dyn Error>> {
    let ViewsCommand::Rebuild(stack) = arguments.command;
    let stop = stop_on_signal()?;
    let stack = stack.connect().await?;
    let bar = Bar::new();
    let rebuilt = stack.rebuild_views(&Rebuilding::default(), &bar, &stop).await;
    bar.end();
    let rebuilt = rebuilt?;
    println!("the views are made of {} events (generation {})", rebuilt.events, rebuilt.generation);
    if rebuilt.unknown > 0 {
        println!("left out: {} events of types that this build does not know", rebuilt.unknown);
    }
    Ok(())
}
