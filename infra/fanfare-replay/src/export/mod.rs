//! Writing events to a file.

mod ndjson;
mod parquet;

use crate::{ReplayError, Stack};
use fanfare_event::Envelope;
use fanfare_event_store::{Filter, Stored};
use fanfare_operate::{Progress, Stop};
use ndjson::Ndjson;
use parquet::Parquet;
use std::io::{BufWriter, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Events on one page.
const PAGE: u16 = 500;

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The envelope as JSON, one to a line.
    Ndjson,
    /// Apache Parquet: the envelope's fields as columns, the payload as a JSON text.
    Parquet,
}

/// What is to be written.
#[derive(Debug, Clone)]
pub struct Export {
    /// Which events.
    pub filter: Filter,
    /// How.
    pub format: Format,
}

/// What takes events.
trait Sink {
    fn add(&mut self, stored: &Stored, envelope: &Envelope) -> Result<(), SinkError>;
}

type SinkError = Box<dyn std::error::Error + Send + Sync>;

impl Stack {
    /// Writes events to a file, and gives how many. The file appears when it is complete: nobody ever sees half of
    /// it, and one that is there is replaced only then. Each stream is in its order; streams come in any order.
    ///
    /// # Errors
    /// [`ReplayError`]; [`ReplayError::Interrupted`] when asked to stop. No file is left then.
    pub async fn export(
        &self,
        export: &Export,
        file: &Path,
        progress: &impl Progress,
        stop: &Stop,
    ) -> Result<u64, ReplayError> {
        let failed = |error: SinkError| ReplayError::File {
            file: file.display().to_string(),
            source: error,
        };
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let unfinished = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
        let unfinished = unfinished.map_err(|e| failed(e.into()))?;
        let out = BufWriter::new(unfinished.reopen().map_err(|e| failed(e.into()))?);
        let written = match export.format {
            Format::Ndjson => {
                let mut lines = Ndjson(out);
                let written = self.pour(export, &mut lines, progress, stop, &failed).await?;
                lines.0.flush().map_err(|e| failed(e.into()))?;
                written
            }
            Format::Parquet => {
                let mut columns = Parquet::new(out).map_err(failed)?;
                let written = self.pour(export, &mut columns, progress, stop, &failed).await?;
                columns.finish().map_err(failed)?;
                written
            }
        };
        unfinished.as_file().sync_all().map_err(|e| failed(e.into()))?;
        unfinished.persist(file).map_err(|e| failed(e.into()))?;
        Ok(written)
    }

    /// Writes events as lines of JSON to an output that others read, and gives how many.
    ///
    /// # Errors
    /// [`ReplayError`]; [`ReplayError::Interrupted`] when asked to stop.
    pub async fn export_lines(
        &self,
        filter: &Filter,
        out: impl Write,
        progress: &impl Progress,
        stop: &Stop,
    ) -> Result<u64, ReplayError> {
        let failed =
            |source: SinkError| ReplayError::File { file: "standard output".to_owned(), source };
        let export = Export { filter: filter.clone(), format: Format::Ndjson };
        let mut lines = Ndjson(BufWriter::new(out));
        let written = self.pour(&export, &mut lines, progress, stop, &failed).await?;
        lines.0.flush().map_err(|e| failed(e.into()))?;
        Ok(written)
    }

    async fn pour(
        &self,
        export: &Export,
        sink: &mut impl Sink,
        progress: &impl Progress,
        stop: &Stop,
        failed: &impl Fn(SinkError) -> ReplayError,
    ) -> Result<u64, ReplayError> {
        let store = self.0.event_store().await?;
        progress.begin("exporting events");
        progress.expect(store.size().await?);
        let (mut after, mut written) = (None, 0);
        loop {
            if stop.is_requested() {
                return Err(ReplayError::Interrupted);
            }
            let page = store.page(&export.filter, after.as_ref(), PAGE).await?;
            for stored in &page.events {
                sink.add(stored, &stored.envelope()?).map_err(failed)?;
                written += 1;
            }
            progress.advance(page.looked_at);
            after = page.next;
            if after.is_none() {
                return Ok(written);
            }
        }
    }
}
