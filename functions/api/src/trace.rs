//! `GET /orders/{orderId}/trace`: who consumed what, when, how long, how often it failed.

use crate::app::unavailable;
use crate::response::Response;
use crate::{Api, Problem, Subscriptions};
use consumer::ledger::{self, Outcome, Record};
use event_schema::{Envelope, EventId, OrderId, Timestamp};
use serde::Serialize;
use std::collections::HashMap;

/// The way of an order through the consumers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    order_id: OrderId,
    events: Vec<TracedEvent>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct TracedEvent {
    event_id: EventId,
    event_type: String,
    timestamp: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    causation_id: Option<EventId>,
    consumers: Vec<Consumption>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Consumption {
    consumer: String,
    /// `done`, `pending`, `claimed`, `failed` (and will be tried again) or `dead-lettered`.
    outcome: &'static str,
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    did: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    /// Milliseconds from the event to the end of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    after_ms: Option<i64>,
    /// Milliseconds that the last attempt took.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<f64>,
}

/// The ledger records that there should be for these events, by key.
pub fn expected(events: &[Envelope], subscriptions: &Subscriptions) -> Vec<String> {
    let of = |event: &Envelope| {
        let id = |consumer| ledger::id(consumer, &event.event_id);
        subscriptions.of(&event.event_type).map(id).collect::<Vec<_>>()
    };
    events.iter().flat_map(of).collect()
}

/// Puts together what the ledger says of each event, per subscribed consumer.
pub fn trace(
    order_id: OrderId,
    events: &[Envelope],
    subscriptions: &Subscriptions,
    records: &HashMap<String, Record>,
) -> Trace {
    let traced = |event: &Envelope| TracedEvent {
        event_id: event.event_id.clone(),
        event_type: event.event_type.clone(),
        timestamp: event.timestamp,
        source: event.source.clone(),
        causation_id: event.causation_id.clone(),
        consumers: subscriptions
            .of(&event.event_type)
            .map(|consumer| {
                let record = records.get(&ledger::id(consumer, &event.event_id));
                consumption(consumer, event.timestamp, record)
            })
            .collect(),
    };
    Trace { order_id, events: events.iter().map(traced).collect() }
}

fn consumption(consumer: &str, happened: Timestamp, record: Option<&Record>) -> Consumption {
    let Some(record) = record else {
        return Consumption {
            consumer: consumer.to_owned(),
            outcome: "pending",
            attempts: 0,
            did: None,
            error: None,
            first_seen_at: None,
            finished_at: None,
            after_ms: None,
            duration_ms: None,
        };
    };
    let micros = u32::try_from(record.duration_micros).unwrap_or(u32::MAX);
    Consumption {
        consumer: consumer.to_owned(),
        outcome: match record.outcome {
            Outcome::Done => "done",
            Outcome::Claimed => "claimed",
            Outcome::Failed => "failed",
            Outcome::DeadLettered => "dead-lettered",
        },
        attempts: record.attempts,
        did: record.did.clone(),
        error: record.error.clone(),
        first_seen_at: Some(record.first_seen_at),
        finished_at: Some(record.finished_at),
        after_ms: Some(record.finished_at.as_millisecond() - happened.as_millisecond()),
        duration_ms: Some(f64::from(micros) / 1000.0),
    }
}

impl Api {
    /// Shows the way of an order through the consumers.
    pub(crate) async fn get_trace(&self, id: &OrderId) -> Result<Response, Problem> {
        let events = self.order_events(id).await?;
        let keys = expected(&events, &self.subscriptions);
        let records = self.ledger.read(keys).await.map_err(unavailable)?;
        Ok(Response::ok(&trace(id.clone(), &events, &self.subscriptions, &records)))
    }
}
