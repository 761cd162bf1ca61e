//! `fanfare dlq purge`

use super::report;
use super::selection::SelectionArguments;
use crate::bar::Bar;
use crate::interrupt::stop_on_ctrl_c;
use crate::output::{dead_letters, say_json};
use crate::terminal::complain;
use clap::Args;
use fanfare_operate::{Connection, Purge, Selection};
use serde_json::json;
use std::error::Error;
use std::process::ExitCode;

/// What clap ends with too.
const WRONG_ARGUMENTS: u8 = 2;

#[derive(Args)]
#[command(after_help = "\
Without --yes it says how many dead letters it would delete, with --json as wouldDelete, and ends with 2. What is purged is
gone: `fanfare dlq export` keeps a copy.")]
pub(super) struct PurgeArguments {
    /// Whose dead letters
    consumer: String,
    #[command(flatten)]
    selection: SelectionArguments,
    /// Yes, delete them
    #[arg(long)]
    yes: bool,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Where the stack has no audit table: go on without a record
    #[arg(long)]
    no_audit: bool,
}

pub(super) async fn purge(
    connection: &Connection,
    arguments: PurgeArguments,
    json: bool,
) -> Result<ExitCode, Box<dyn Error>> {
    let dead = connection.dead_letters(&arguments.consumer).await?;
    let selection = Selection::from(arguments.selection);
    let stop = stop_on_ctrl_c()?;
    if !arguments.yes {
        let bar = Bar::new("reading");
        let meant = connection.show(&dead, &selection, 0, &bar, &stop).await?;
        drop(bar);
        if json {
            let (consumer, queue) = (&dead.consumer, &dead.queue.name);
            say_json(&json!({"consumer": consumer, "queue": queue, "wouldDelete": meant.count}))?;
        }
        let count = dead_letters(meant.count);
        complain(&format!("nothing is deleted: {count} would be, with --yes"));
        return Ok(ExitCode::from(WRONG_ARGUMENTS));
    }
    let purge =
        Purge { selection: selection.clone(), why: arguments.why, unrecorded: arguments.no_audit };
    let done = {
        let bar = Bar::new("deleting");
        connection.purge(&dead, &purge, &bar, &stop).await?
    };
    report::tell(&done, &selection, json)
}
