//! `fanfare dlq redrive`

use super::editor::CommandEditor;
use super::report;
use super::selection::SelectionArguments;
use crate::bar::Bar;
use crate::interrupt::{exit_code, stop_on_ctrl_c};
use crate::output::{dead_letters, say, say_json, table};
use crate::terminal::harmless;
use clap::Args;
use fanfare_operate::{Connection, DryRun, Editor, Redrive, Selection};
use std::error::Error;
use std::process::ExitCode;

#[derive(Args)]
#[command(after_help = "\
With --edit each letter is opened in $VISUAL or $EDITOR as JSON. What is saved must be an event with the same
eventId; an empty file leaves the letter where it is. The body as it was is kept in the audit table, where
`fanfare dlq audit ID` shows it.")]
pub(super) struct RedriveArguments {
    /// Whose dead letters
    consumer: String,
    #[command(flatten)]
    selection: SelectionArguments,
    /// Mend each dead letter in an editor before it goes
    #[arg(long, conflicts_with = "dry_run")]
    edit: bool,
    /// So many dead letters a second at the most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: Option<u32>,
    /// Only show what would be sent
    #[arg(long)]
    dry_run: bool,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Stop as soon as one that was sent back has failed again: its cause is not mended
    #[arg(long, conflicts_with = "dry_run")]
    stop_on_return: bool,
    /// Where the stack has no audit table: go on without a record
    #[arg(long, conflicts_with = "edit")]
    no_audit: bool,
}

pub(super) async fn redrive(
    connection: &Connection,
    arguments: RedriveArguments,
    json: bool,
) -> Result<ExitCode, Box<dyn Error>> {
    let dead = connection.dead_letters(&arguments.consumer).await?;
    let selection = Selection::from(arguments.selection);
    let stop = stop_on_ctrl_c()?;
    if arguments.dry_run {
        let bar = Bar::new("reading");
        let dry = connection.dry_redrive(&dead, &selection, &bar, &stop).await?;
        drop(bar);
        if json {
            say_json(&dry)?;
        } else {
            say(&render(&dry))?;
        }
        let found = dry.would_send > 0 || selection.is_everything();
        return Ok(exit_code(stop.is_requested(), found));
    }
    let editor = CommandEditor::from_environment();
    let redrive = Redrive {
        selection: selection.clone(),
        rate: arguments.rate,
        editor: arguments.edit.then_some(&editor as &dyn Editor),
        why: arguments.why,
        unrecorded: arguments.no_audit,
        stop_on_return: arguments.stop_on_return,
    };
    let done = {
        // An editor has the terminal to itself.
        let bar = if arguments.edit { Bar::hidden() } else { Bar::new("sending back") };
        connection.redrive(&dead, &redrive, &bar, &stop).await?
    };
    report::tell(&done, &selection, json)
}

fn render(dry: &DryRun) -> String {
    let mut lines = vec![format!(
        "{} would go to {}, {} would stay",
        dead_letters(dry.would_send),
        dry.targets.join(", "),
        dry.would_stay
    )];
    if !dry.groups.is_empty() {
        let row = |group: &fanfare_operate::Group| {
            [group.count.to_string(), group.group.clone(), harmless(&group.cause)]
        };
        lines.push(table(["letters", "group", "cause"], dry.groups.iter().map(row)));
    }
    if dry.in_flight_elsewhere > 0 {
        lines.push(format!("{} more are being read by somebody else", dry.in_flight_elsewhere));
    }
    lines.join("\n")
}
