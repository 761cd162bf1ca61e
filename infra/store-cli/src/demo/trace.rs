//! The part of an order's trace that the demo shows.

use fanfare_event::Timestamp;
use serde::Deserialize;

/// `GET /orders/{orderId}/trace`.
#[derive(Deserialize)]
pub(super) struct Trace {
    events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_type: String,
    timestamp: Timestamp,
    consumers: Vec<Consumption>,
}

#[derive(Deserialize)]
struct Consumption {
    consumer: String,
    outcome: String,
    did: Option<String>,
    error: Option<String>,
}

impl Trace {
    /// Whether every consumer has dealt with every event, be it for good or not.
    pub(super) fn is_settled(&self) -> bool {
        let settled = |c: &Consumption| matches!(c.outcome.as_str(), "done" | "dead-lettered");
        self.events.iter().flat_map(|event| &event.consumers).all(settled)
    }

    /// The events in their order, each with the milliseconds since the order was placed.
    pub(super) fn life(&self) -> Vec<String> {
        let begin = self.events.first().map(|event| event.timestamp).unwrap_or_default();
        let line = |event: &Event| {
            let after = event.timestamp.as_millisecond() - begin.as_millisecond();
            format!("{} +{after} ms", event.event_type)
        };
        self.events.iter().map(line).collect()
    }

    /// What the consumers did that a customer, the stock or the shipment got to feel; and what failed.
    pub(super) fn deeds(&self) -> Vec<String> {
        let felt = ["email", "inventory", "payment", "shipping"];
        let consumptions = self.events.iter().flat_map(|event| &event.consumers);
        consumptions
            .filter_map(|c| match (c.outcome.as_str(), &c.did, &c.error) {
                ("done", Some(did), _) if felt.contains(&c.consumer.as_str()) => {
                    Some(format!("{}: {did}", c.consumer))
                }
                ("done", ..) => None,
                (outcome, _, Some(error)) => Some(format!("{}: {outcome}: {error}", c.consumer)),
                (outcome, ..) => Some(format!("{}: {outcome}", c.consumer)),
            })
            .collect()
    }

    /// What the order has come to.
    pub(super) fn end(&self) -> &'static str {
        let has = |name: &str| self.events.iter().any(|event| event.event_type == name);
        match () {
            () if has("PaymentRefunded") => "cancelled, refunded",
            () if has("OrderCancelled") => "cancelled",
            () if has("OrderShipped") => "shipped",
            () if has("OrderConfirmed") => "confirmed",
            () => "open",
        }
    }
}
