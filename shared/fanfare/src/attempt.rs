//! One attempt at one message: what its ledger record will say.

use crate::dead_letter::CLAIM;
use crate::ledger::{self, Outcome, Record};
use crate::message::Message;
use crate::{Failure, digest};
use fanfare_bootstrap::{ErrorChain, TraceContext};
use fanfare_event::{Envelope, Timestamp};

/// The most that is kept of an error, in characters.
const ERROR_LENGTH: usize = 500;

/// The attempt under way.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) envelope: Envelope,
    pub(crate) digest: String,
    pub(crate) ledger_id: String,
    /// The claim that this message was dead-lettered under, if it was and somebody has put it back.
    pub(crate) put_back: Option<String>,
    /// Whether the ledger knows that it has begun, and waits to hear of its end.
    pub(crate) is_marked: bool,
    /// Its span, if the event belongs to a trace.
    pub(crate) span: Option<TraceContext>,
    attempts: u32,
    first_seen_at: Timestamp,
    started: Timestamp,
}

impl Attempt {
    pub(crate) fn start(
        consumer: &str,
        message: &Message,
        envelope: Envelope,
        now: Timestamp,
    ) -> Self {
        Self {
            ledger_id: ledger::id(consumer, &envelope.event_id),
            digest: digest::of(&envelope),
            put_back: message.text(CLAIM).map(str::to_owned),
            is_marked: message.is_marked,
            span: None,
            attempts: message.receive_count,
            first_seen_at: message.first_received_at.unwrap_or(now),
            started: now,
            envelope,
        }
    }

    pub(crate) fn done(&self, did: &str, now: Timestamp) -> Record {
        Record { did: Some(did.to_owned()), ..self.record(Outcome::Done, now) }
    }

    pub(crate) fn failed(&self, outcome: Outcome, failure: &Failure, now: Timestamp) -> Record {
        let error = ErrorChain(failure).to_string().chars().take(ERROR_LENGTH).collect();
        let tries = u32::from(outcome == Outcome::Failed && failure.uses_up_a_try());
        Record { error: Some(error), tries, ..self.record(outcome, now) }
    }

    pub(crate) fn claimed(&self, token: String, lease_until: Timestamp, now: Timestamp) -> Record {
        Record {
            token: Some(token),
            lease_until: Some(lease_until.as_millisecond()),
            claims: 1,
            ..self.record(Outcome::Claimed, now)
        }
    }

    /// What is written before an attempt at a message that may have killed the process of those before.
    pub(crate) fn begun(&self, now: Timestamp) -> Record {
        self.record(Outcome::Failed, now)
    }

    /// Whether a lease, in milliseconds since 1970, had run out before the attempt began.
    pub(crate) fn began_after(&self, lease_until: Option<i64>) -> bool {
        lease_until.is_none_or(|until| until < self.started.as_millisecond())
    }

    /// When its message was first received.
    pub(crate) fn first_seen_at(&self) -> Timestamp {
        self.first_seen_at
    }

    /// When it began.
    pub(crate) fn started(&self) -> Timestamp {
        self.started
    }

    /// Milliseconds from the event to `now`.
    pub(crate) fn event_age_ms(&self, now: Timestamp) -> i64 {
        now.as_millisecond() - self.envelope.timestamp.as_millisecond()
    }

    /// Microseconds since the attempt began.
    pub(crate) fn elapsed_micros(&self, now: Timestamp) -> u64 {
        u64::try_from(now.as_microsecond() - self.started.as_microsecond()).unwrap_or(0)
    }

    fn record(&self, outcome: Outcome, now: Timestamp) -> Record {
        Record {
            id: self.ledger_id.clone(),
            outcome,
            did: None,
            error: None,
            attempts: self.attempts,
            first_seen_at: self.first_seen_at,
            finished_at: now,
            duration_micros: self.elapsed_micros(now),
            traceparent: self.envelope.traceparent.clone(),
            digest: Some(self.digest.clone()),
            failures: Vec::new(),
            tries: 0,
            begun: 0,
            claims: 0,
            token: None,
            lease_until: None,
            effect: None,
            expires_at: ledger::expiry(now),
        }
    }
}
