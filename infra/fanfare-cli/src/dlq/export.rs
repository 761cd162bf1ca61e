//! `fanfare dlq export`

use super::selection::SelectionArguments;
use crate::bar::Bar;
use crate::interrupt::{exit_code, stop_on_ctrl_c};
use crate::output::{dead_letters, json_lines, say, say_json};
use clap::Args;
use fanfare_operate::{Action, Connection, Export, OperateError};
use std::error::Error;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args)]
pub(super) struct ExportArguments {
    /// Whose dead letters
    consumer: String,
    /// Where they are written to, one JSON object a line; `-` is standard output. It must not exist yet
    file: PathBuf,
    #[command(flatten)]
    selection: SelectionArguments,
}

pub(super) async fn export(
    connection: &Connection,
    arguments: ExportArguments,
    json: bool,
) -> Result<ExitCode, Box<dyn Error>> {
    let ExportArguments { consumer, file, selection } = arguments;
    let dead = connection.dead_letters(&consumer).await?;
    let stop = stop_on_ctrl_c()?;
    let selection = selection.into();
    let run = async |out: &mut dyn Write| {
        let record = connection.put_on_record(Action::Export, &dead.consumer, &selection).await?;
        let bar = Bar::new("exporting");
        let done = connection.export(&dead, &selection, out, &bar, &stop).await;
        record.end(stop.is_requested(), &done, |done| done.exported).await;
        done
    };
    if file == Path::new("-") {
        let done = run(&mut json_lines()).await?;
        return Ok(exit_code(done.interrupted, true));
    }
    let unwritten = |source| OperateError::File {
        what: format!("{} can't be written", file.display()),
        source,
    };
    // Nothing half-written is left behind: the file gets its name once it is whole.
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let part =
        tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(unwritten)?;
    let mut out = BufWriter::new(part);
    let done = run(&mut out).await?;
    let part = out.into_inner().map_err(|error| unwritten(error.into_error()))?;
    if !done.interrupted {
        part.persist_noclobber(&file).map_err(|error| unwritten(error.error))?;
    }
    if json {
        say_json(&done)?;
    } else {
        say(&render(&done, &file))?;
    }
    Ok(exit_code(done.interrupted, true))
}

fn render(done: &Export, file: &Path) -> String {
    if done.interrupted {
        return format!("stopped: {} is not written", file.display());
    }
    let mut line = format!("{} written to {}", dead_letters(done.exported), file.display());
    if done.in_flight_elsewhere > 0 {
        line += &format!("; {} more are being read by somebody else", done.in_flight_elsewhere);
    }
    line
}
