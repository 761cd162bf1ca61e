//! Copying dead letters out, one JSON object a line.

use crate::{Connection, DeadLetter, DeadLetterQueue, OperateError, Progress, Selection, Stop};
use serde::Serialize;
use std::io::Write;

/// What an export came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Export {
    /// Whose dead letters.
    pub consumer: String,
    /// Letters that were written.
    pub exported: u64,
    /// Letters that were not meant.
    pub left_out: u64,
    /// Letters that somebody else had received: they were not looked at.
    pub in_flight_elsewhere: u64,
    /// Whether it was stopped before all were read.
    pub interrupted: bool,
}

impl Connection {
    /// Writes the dead letters that are meant to `out`, each a [`DeadLetterView`](crate::DeadLetterView) on a line of its own.
    /// They stay in the queue.
    ///
    /// # Errors
    /// [`OperateError::Aws`]; [`OperateError::File`] when a line can't be written.
    pub async fn export(
        &self,
        letters: &DeadLetterQueue,
        selection: &Selection,
        out: &mut dyn Write,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Export, OperateError> {
        let (mut exported, mut left_out) = (0, 0);
        let unwritten = |source| OperateError::File {
            what: "a dead letter can't be written".to_owned(),
            source,
        };
        let look = |letter: DeadLetter| {
            if selection.takes(&letter) {
                let line = serde_json::to_string(&letter.view());
                writeln!(out, "{}", line.map_err(|e| unwritten(e.into()))?).map_err(unwritten)?;
                exported += 1;
            } else {
                left_out += 1;
            }
            Ok(true)
        };
        self.look_through(letters, progress, stop, look).await?;
        out.flush().map_err(unwritten)?;
        Ok(Export {
            consumer: letters.consumer.clone(),
            exported,
            left_out,
            in_flight_elsewhere: letters.queue.counts.in_flight,
            interrupted: stop.is_requested(),
        })
    }
}
