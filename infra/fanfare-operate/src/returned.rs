//! Whether what was sent back has failed again: the ledger knows it long before a dead letter is come across a second time, since that
//! lies behind all others.

use crate::outgoing::Outgoing;
use fanfare::ledger::{self, Ledger, Outcome};
use fanfare_bootstrap::ErrorChain;
use fanfare_event::Timestamp;
use std::collections::VecDeque;

/// Events of the last ones that were sent back, which are asked for in one request.
const WATCHED: usize = 100;

/// The events that were sent back last.
pub(crate) struct Returned {
    ledger: Option<Ledger>,
    consumer: String,
    since: Timestamp,
    keys: VecDeque<String>,
}

impl Returned {
    pub(crate) fn new(ledger: Option<Ledger>, consumer: &str, since: Timestamp) -> Self {
        Self { ledger, consumer: consumer.to_owned(), since, keys: VecDeque::new() }
    }

    /// Notes what was sent.
    pub(crate) fn sent(&mut self, outgoing: &[&Outgoing<'_>]) {
        let events = outgoing.iter().filter_map(|one| one.letter.envelope.as_ref());
        self.keys.extend(events.map(|event| ledger::id(&self.consumer, &event.event_id)));
        let surplus = self.keys.len().saturating_sub(WATCHED);
        self.keys.drain(..surplus);
    }

    /// How many of the last ones are dead again. Without a ledger, or when it does not answer, nobody knows of any.
    pub(crate) async fn count(&mut self) -> u64 {
        let Some(ledger) = &self.ledger else { return 0 };
        if self.keys.is_empty() {
            return 0;
        }
        match ledger.read(self.keys.iter().cloned().collect()).await {
            Ok(records) => {
                let is_dead_again = |record: &&ledger::Record| {
                    record.outcome == Outcome::DeadLettered && record.finished_at >= self.since
                };
                records.values().filter(is_dead_again).count() as u64
            }
            Err(error) => {
                // Not asked again: whoever may read the queue need not be allowed to read the ledger.
                tracing::warn!("nobody sees what fails again: {}", ErrorChain(&error));
                self.ledger = None;
                0
            }
        }
    }
}
