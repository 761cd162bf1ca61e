//! The trace, put together.

use crate::Subscribers;
use fanfare::ledger::{self, Outcome, Record};
use fanfare::{Envelope, EventId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The way of the events about one thing through the consumers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// What the events are about: their envelopes' correlation id.
    pub correlation_id: String,
    /// The events, oldest first.
    pub events: Vec<TracedEvent>,
}

/// One event, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TracedEvent {
    /// Its identity.
    pub event_id: EventId,
    /// What happened.
    pub event_type: String,
    /// When.
    pub timestamp: Timestamp,
    /// The function that announced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The event that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<EventId>,
    /// Per subscribed consumer, what became of it.
    pub consumers: Vec<Consumption>,
}

/// How an event stands with a consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Applied.
    Done,
    /// The ledger knows nothing of it yet.
    Pending,
    /// An effect is under way, or its owner died.
    Claimed,
    /// Failed, and will be tried again.
    Failed,
    /// In the dead-letter queue, or on the way there.
    DeadLettered,
}

/// What became of one event at one consumer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Consumption {
    /// The consumer.
    pub consumer: String,
    /// How the event stands with it.
    pub outcome: Standing,
    /// How often the message was received.
    pub attempts: u32,
    /// What the consumer did, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub did: Option<String>,
    /// Why it failed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When the message was first received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen_at: Option<Timestamp>,
    /// When the last attempt ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Milliseconds from the event to the end of the last attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<i64>,
    /// Milliseconds that the last attempt took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
}

/// The keys of the ledger records that there will be once every subscriber has dealt with every event.
pub fn expected(events: &[Envelope], subscribers: &impl Subscribers) -> Vec<String> {
    let of = |event: &Envelope| {
        let id = |consumer| ledger::id(consumer, &event.event_id);
        subscribers.of(event).into_iter().map(id).collect::<Vec<_>>()
    };
    events.iter().flat_map(of).collect()
}

/// Puts together what the ledger says of each event, per subscriber. One of which it says nothing is pending.
pub fn put_together(
    correlation_id: &str,
    events: &[Envelope],
    subscribers: &impl Subscribers,
    records: &HashMap<String, Record>,
) -> Trace {
    let consumed = |event: &Envelope| {
        let by = |consumer: &str| {
            let record = records.get(&ledger::id(consumer, &event.event_id));
            consumption(consumer, event.timestamp, record)
        };
        subscribers.of(event).into_iter().map(by).collect()
    };
    let traced = |event: &Envelope| TracedEvent {
        event_id: event.event_id.clone(),
        event_type: event.event_type.clone(),
        timestamp: event.timestamp,
        source: event.source.clone(),
        causation_id: event.causation_id.clone(),
        consumers: consumed(event),
    };
    Trace { correlation_id: correlation_id.to_owned(), events: events.iter().map(traced).collect() }
}

fn consumption(consumer: &str, happened: Timestamp, record: Option<&Record>) -> Consumption {
    let Some(record) = record else {
        return Consumption {
            consumer: consumer.to_owned(),
            outcome: Standing::Pending,
            attempts: 0,
            did: None,
            error: None,
            first_seen_at: None,
            finished_at: None,
            after_ms: None,
            duration_ms: None,
        };
    };
    let after_ms = record.finished_at.as_millisecond() - happened.as_millisecond();
    Consumption { after_ms: Some(after_ms), ..Consumption::of(consumer, record) }
}

impl Consumption {
    /// What the ledger's record says by itself, without when the event happened.
    pub fn of(consumer: &str, record: &Record) -> Self {
        let micros = u32::try_from(record.duration_micros).unwrap_or(u32::MAX);
        Self {
            consumer: consumer.to_owned(),
            outcome: match record.outcome {
                Outcome::Done => Standing::Done,
                Outcome::Claimed => Standing::Claimed,
                Outcome::Failed => Standing::Failed,
                Outcome::DeadLettered => Standing::DeadLettered,
            },
            attempts: record.attempts,
            did: record.did.clone(),
            error: record.error.clone(),
            first_seen_at: Some(record.first_seen_at),
            finished_at: Some(record.finished_at),
            after_ms: None,
            duration_ms: Some(f64::from(micros) / 1000.0),
        }
    }
}
