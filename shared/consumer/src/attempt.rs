//! One attempt at one message: what its ledger record will say.

use crate::ledger::{self, Outcome, Record};
use crate::message::Message;
use event_schema::{Envelope, Timestamp};
use std::time::Instant;

/// The attempt under way.
#[derive(Debug)]
pub(crate) struct Attempt {
    ledger_id: String,
    attempts: u32,
    first_seen_at: Timestamp,
    started: Instant,
    traceparent: Option<String>,
}

impl Attempt {
    pub(crate) fn start(consumer: &str, message: &Message, envelope: &Envelope) -> Self {
        Self {
            ledger_id: ledger::id(consumer, &envelope.event_id),
            attempts: message.receive_count,
            first_seen_at: message.first_received_at.unwrap_or_else(Timestamp::now),
            started: Instant::now(),
            traceparent: envelope.traceparent.clone(),
        }
    }

    pub(crate) fn done(&self, did: &str) -> Record {
        Record { did: Some(did.to_owned()), ..self.record(Outcome::Done) }
    }

    pub(crate) fn failed(&self, outcome: Outcome, error: String) -> Record {
        Record { error: Some(error), ..self.record(outcome) }
    }

    pub(crate) fn claimed(&self, token: String, lease_until: Timestamp) -> Record {
        Record {
            token: Some(token),
            lease_until: Some(lease_until.as_millisecond()),
            ..self.record(Outcome::Claimed)
        }
    }

    fn record(&self, outcome: Outcome) -> Record {
        let now = Timestamp::now();
        Record {
            id: self.ledger_id.clone(),
            outcome,
            did: None,
            error: None,
            attempts: self.attempts,
            first_seen_at: self.first_seen_at,
            finished_at: now,
            duration_micros: u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX),
            traceparent: self.traceparent.clone(),
            token: None,
            lease_until: None,
            expires_at: ledger::expiry(now),
        }
    }
}
