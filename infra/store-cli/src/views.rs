//! `fanfare store views rebuild`

use clap::{Args, Subcommand};
use fanfare_cli::output::{say, say_json};
use fanfare_cli::{Bar, EXIT_CODES, TargetArguments, exit_code, stop_on_ctrl_c};
use fanfare_operate::{Action, Selection};
use serde_json::{Value, json};
use std::error::Error;
use std::process::ExitCode;
use views_rebuild::{RebuildError, Rebuilding, Rebuilt, rebuild};

#[derive(Args)]
pub(crate) struct ViewsArguments {
    #[command(subcommand)]
    command: ViewsCommand,
}

#[derive(Subcommand)]
enum ViewsCommand {
    /// Drop the read models of orders and build them anew from the event store, while events keep flowing
    #[command(after_help = format!("\
Examples:
  fanfare store views rebuild --endpoint http://127.0.0.1:4566
  fanfare store views rebuild --stack fanfare-prod --region eu-central-1

What is shown stays until the new views are complete, and then changes at once. The index of orders by customer, which
DynamoDB fills a moment after the table, is waited for by a sample of every hundred events: a customer's list might lack
an order for that moment more. One rebuild runs at a time. It may be interrupted by Ctrl-C at any time: what is shown stays as it was, and another can begin at
once. One that is killed keeps others out for a minute.
{EXIT_CODES}"))]
    Rebuild(RebuildArguments),
}

#[derive(Args)]
struct RebuildArguments {
    #[command(flatten)]
    target: TargetArguments,
    /// Print JSON: events that the views are made of, unknown ones that were left out, generation, interrupted
    #[arg(long)]
    json: bool,
}

/// Does something with the views.
pub(crate) async fn views(arguments: ViewsArguments) -> Result<ExitCode, Box<dyn Error>> {
    let ViewsCommand::Rebuild(RebuildArguments { target, json }) = arguments.command;
    let stop = stop_on_ctrl_c()?;
    let store = target.connect().await?;
    let record = store.put_on_record(Action::Rebuild, "views", &Selection::default()).await?;
    let bar = Bar::new("looking for the views");
    let rebuilt = rebuild(&store, &Rebuilding::default(), &bar, &stop).await;
    drop(bar);
    record.end(stop.is_requested(), &rebuilt, |rebuilt| rebuilt.events).await;
    let rebuilt = match rebuilt {
        Err(error @ RebuildError::Interrupted) => {
            anstream::eprintln!("{error}");
            if json {
                say_json(&json!({"interrupted": true}))?;
            }
            return Ok(exit_code(true, false));
        }
        rebuilt => rebuilt?,
    };
    match json {
        true => say_json(&as_json(&rebuilt))?,
        false => say(&render(&rebuilt))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(rebuilt: &Rebuilt) -> Value {
    let Rebuilt { generation, events, unknown } = *rebuilt;
    json!({"generation": generation, "events": events, "unknown": unknown, "interrupted": false})
}

fn render(rebuilt: &Rebuilt) -> String {
    let Rebuilt { generation, events, unknown } = *rebuilt;
    let mut text = format!("the views are made of {events} events (generation {generation})");
    if unknown > 0 {
        text += &format!("\nleft out: {unknown} events of types that this build does not know");
    }
    text
}
