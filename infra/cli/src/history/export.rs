//! `fanfare export`

use super::bar::Bar;
use super::{StackArguments, stop_on_signal, time};
use clap::{Args, ValueEnum};
use event_schema::Timestamp;
use event_store::Filter;
use fanfare_history::{Export, Format};
use std::error::Error;
use std::path::{Path, PathBuf};

#[derive(Args)]
#[command(after_help = "Examples:
  fanfare export --format parquet january.parquet --from 2026-01-01T00:00:00Z --to 2026-02-01T00:00:00Z
  fanfare export --format ndjson - | jq -r .eventType | sort | uniq -c

ndjson: the envelope as it was announced, one to a line. parquet: event_type, event_id, timestamp, schema_version, stream,
version, correlation_id, causation_id, traceparent, source, and payload as a JSON text. Each stream is in its order; streams
come in any order. The file appears when it is complete.

Exit code 0: written; 1: failed or interrupted; 2: wrong arguments.")]
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
    stack: StackArguments,
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
pub(crate) async fn export(arguments: ExportArguments) -> Result<(), Box<dyn Error>> {
    let ExportArguments { from, to, format, file, stack } = arguments;
    let is_output = file == Path::new("-");
    if is_output && format == FormatArgument::Parquet {
        return Err(NotToOutput.into());
    }
    let stop = stop_on_signal()?;
    let stack = stack.connect().await?;
    let filter = Filter { from, to, types: None };
    let bar = Bar::new();
    if is_output {
        let written = stack.export_lines(&filter, std::io::stdout(), &bar, &stop).await;
        bar.end();
        return Ok(written.map(drop)?);
    }
    let format = match format {
        FormatArgument::Ndjson => Format::Ndjson,
        FormatArgument::Parquet => Format::Parquet,
    };
    let written = stack.export(&Export { filter, format }, &file, &bar, &stop).await;
    bar.end();
    println!("{} events in {}", written?, file.display());
    Ok(())
}
