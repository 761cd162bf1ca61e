//! Events as lines of JSON.

use super::{Sink, SinkError};
use fanfare_event::Envelope;
use fanfare_event_store::Stored;
use std::io::Write;

/// Writes each envelope as it was announced, on a line of its own.
pub(super) struct Ndjson<W>(pub(super) W);

impl<W: Write> Sink for Ndjson<W> {
    fn add(&mut self, stored: &Stored, _: &Envelope) -> Result<(), SinkError> {
        match stored.json.contains(['\n', '\r']) {
            false => writeln!(self.0, "{}", stored.json)?,
            // White space between the tokens of JSON; inside its texts there is none unescaped.
            true => writeln!(self.0, "{}", stored.json.replace(['\n', '\r'], " "))?,
        }
        Ok(())
    }
}
