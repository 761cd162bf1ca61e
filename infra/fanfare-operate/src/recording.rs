//! Putting on record what is done to a stack beside redriving and purging: what is read out of it, and what is done once more.

use crate::audit::AuditItems;
use crate::who::Who;
use crate::{Action, AuditRecord, Connection, OperateError, Outcome, Selection};
use fanfare_bootstrap::ErrorChain;
use fanfare_event::Timestamp;
use std::error::Error;

/// The record of something that is under way. Dropped without its end, it shows as broken off.
#[must_use = "a record without its end shows as broken off"]
pub struct Recording(Option<(AuditItems, AuditRecord)>);

impl Connection {
    /// Puts on record that something begins: `about` is the consumer, or whatever else is acted on. Nothing is written where the
    /// stack has no audit table, since what is recorded so takes nothing away.
    ///
    /// # Errors
    /// [`OperateError`]: nothing must be begun then.
    pub async fn put_on_record(
        &self,
        action: Action,
        about: &str,
        selection: &Selection,
    ) -> Result<Recording, OperateError> {
        let Some(table) = self.audit_table_if_any().await? else { return Ok(Recording(None)) };
        let record = AuditRecord::begun(action, about, Who::find(self).await);
        let record = AuditRecord { selection: selection.clone(), ..record };
        table.add(&record).await?;
        Ok(Recording(Some((table, record))))
    }
}

impl Recording {
    /// Puts on record how it ended: how many things were read or sent, or what went wrong.
    pub async fn end<T, E: Error + 'static>(
        self,
        interrupted: bool,
        done: &Result<T, E>,
        count: impl FnOnce(&T) -> u64,
    ) {
        let Some((table, mut record)) = self.0 else { return };
        record.outcome = match done {
            _ if interrupted => Outcome::Interrupted,
            Ok(_) => Outcome::Done,
            Err(_) => Outcome::Failed,
        };
        record.ended_at = Some(Timestamp::now());
        record.error = done.as_ref().err().map(|error| ErrorChain(error).to_string());
        record.counts.selected = done.as_ref().map_or(0, count);
        if let Err(error) = table.end(&record).await {
            let id = &record.id;
            tracing::warn!("audit record {id} stays without its end: {}", ErrorChain(&error));
        }
    }
}
