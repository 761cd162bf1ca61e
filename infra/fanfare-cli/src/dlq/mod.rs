//! `fanfare dlq`: dead letters, from seeing them to being rid of them.

mod audit;
mod editor;
mod export;
mod ls;
mod purge;
mod redrive;
mod report;
mod selection;
mod show;

use crate::target::{EXIT_CODES, TargetArguments};
use clap::{Args, Subcommand};
use std::error::Error;
use std::process::ExitCode;

#[derive(Args)]
#[command(after_help = format!("\
Examples:
  fanfare dlq ls                                     what died, by consumer and cause
  fanfare dlq show climate --group 3f2a91              those of one cause, in full
  fanfare dlq redrive climate --group 3f2a91 --dry-run
  fanfare dlq redrive climate --group 3f2a91 --rate 20 --why 'the air conditioner is back'
  fanfare dlq redrive climate --id evt_0198f2c4 --edit
  fanfare dlq export climate dead-letters.ndjson
  fanfare dlq purge climate --group 3f2a91 --yes --why 'readings of the load test'
  fanfare dlq audit                                  who did what
  fanfare dlq ls --endpoint http://127.0.0.1:4566    the same, on `fanfare up`

A dead letter is sent first and deleted after, so that it is never in neither place; consumers apply an event once,
so that both places do no harm. A redrive that was stopped or killed is taken up by typing it again. What redrive and purge do
is written to the audit table first: the one with `Metadata: {{ Fanfare: {{ Role: audit }} }}` in the template.
{EXIT_CODES}"))]
pub(crate) struct DlqArguments {
    #[command(flatten)]
    target: TargetArguments,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: DlqCommand,
}

#[derive(Subcommand)]
enum DlqCommand {
    /// Show the dead letters of every consumer, grouped by cause
    Ls(ls::LsArguments),
    /// Show dead letters in full
    Show(show::ShowArguments),
    /// Send dead letters back to the queue that they came from
    Redrive(redrive::RedriveArguments),
    /// Delete dead letters for good
    Purge(purge::PurgeArguments),
    /// Copy dead letters to a file, one JSON object a line; they stay in the queue
    Export(export::ExportArguments),
    /// Show who redrove and purged what, when and why
    Audit(audit::AuditArguments),
}

/// Does what is asked for.
pub(crate) async fn dlq(arguments: DlqArguments) -> Result<ExitCode, Box<dyn Error>> {
    let DlqArguments { target, json, command } = arguments;
    let connection = target.connect().await?;
    match command {
        DlqCommand::Ls(arguments) => ls::ls(&connection, &arguments, json).await,
        DlqCommand::Show(arguments) => show::show(&connection, arguments, json).await,
        DlqCommand::Redrive(arguments) => redrive::redrive(&connection, arguments, json).await,
        DlqCommand::Purge(arguments) => purge::purge(&connection, arguments, json).await,
        DlqCommand::Export(arguments) => export::export(&connection, arguments, json).await,
        DlqCommand::Audit(arguments) => audit::audit(&connection, &arguments, json).await,
    }
}
