//! `fanfare export`

use crate::bar::Bar;
use crate::interrupt::{exit_code, stop_on_ctrl_c};
use crate::output::{json_lines, say, say_json};
use crate::target::{EXIT_CODES, TargetArguments};
use crate::time::time;
use clap::{Args, ValueEnum};
use fanfare_event::Timestamp;
use fanfare_event_store::Filter;
use fanfare_operate::{Action, Selection};
use fanfare_replay::{Export, Format, ReplayError, Stack};
use serde_json::json;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args)]
#[command(after_help = format!("\
Examples:
  fanfare export --format parquet january.parquet --from 2026-01-01T00:00:00Z --to 2026-02-01T00:00:00Z
  fanfare export --format ndjson - | jq -r .eventType | sort | uniq -c

ndjson: the envelope as it was announced, one to a line. parquet: event_type, event_id, timestamp, schema_version, stream,
version, correlation_id, causation_id, traceparent, source, and payload as a JSON text. Each stream is in its order; streams
come in any order. The file appears when it is complete.
{EXIT_CODES}"))]
pub(crate) struct ExportArguments {
    /// Events that happened then or later
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Timestamp>,
    /// Events that happened before
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<Timestamp>,
    /// How they are written
    #[arg(long, value_enum)]
    format: FormatArgument,
    /// The file; - is standard output, for ndjson
    file: PathBuf,
    #[command(flatten)]
    target: TargetArguments,
    /// Print JSON: events written, file, interrupted. With - there are the events alone
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArgument {
    Ndjson,
    Parquet,
}

#[derive(Debug, thiserror::Error)]
#[error("parquet can't go to standard output: name a file, or take --format ndjson")]
struct NotToOutput;

/// Writes events to a file.
pub(crate) async fn export(arguments: ExportArguments) -> Result<ExitCode, Box<dyn Error>> {
    let ExportArguments { from, to, format, file, target, json } = arguments;
    let is_output = file == Path::new("-");
    if is_output && format == FormatArgument::Parquet {
        return Err(NotToOutput.into());
    }
    let stop = stop_on_ctrl_c()?;
    let connection = target.connect().await?;
    let record = connection.put_on_record(Action::Export, "events", &Selection::default()).await?;
    let stack = Stack::at(connection);
    let filter = Filter { from, to, types: None };
    let bar = Bar::new("looking for the events");
    let written = match (is_output, format) {
        (true, _) => stack.export_lines(&filter, json_lines(), &bar, &stop).await,
        (false, format) => {
            let format = match format {
                FormatArgument::Ndjson => Format::Ndjson,
                FormatArgument::Parquet => Format::Parquet,
            };
            stack.export(&Export { filter, format }, &file, &bar, &stop).await
        }
    };
    drop(bar);
    record.end(stop.is_requested(), &written, |written| *written).await;
    let (written, is_interrupted) = match written {
        Err(ReplayError::Interrupted) => (0, true),
        written => (written?, false),
    };
    match (is_output, json, is_interrupted) {
        (true, _, _) | (false, false, true) => {}
        (false, true, _) => say_json(&json!({
            "events": written, "file": file, "interrupted": is_interrupted
        }))?,
        (false, false, false) => say(&format!("{written} events in {}", file.display()))?,
    }
    Ok(exit_code(is_interrupted, true))
}
