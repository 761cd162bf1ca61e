//! The part of an order's trace that the demo shows.

use serde::Deserialize;

/// `GET /orders/{orderId}/trace`.
#[derive(Deserialize)]
pub(super) struct Trace {
    pub(super) events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) consumers: Vec<Consumption>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Consumption {
    pub(super) consumer: String,
    outcome: String,
    did: Option<String>,
    error: Option<String>,
    after_ms: Option<i64>,
}

impl Trace {
    /// Whether every consumer has dealt with every event, be it for good or not.
    pub(super) fn is_settled(&self) -> bool {
        let settled = |c: &Consumption| matches!(c.outcome.as_str(), "done" | "dead-lettered");
        self.consumptions().all(settled)
    }

    /// Who has to deal with any event of the order.
    pub(super) fn consumptions(&self) -> impl Iterator<Item = &Consumption> {
        self.events.iter().flat_map(|event| &event.consumers)
    }
}

impl Consumption {
    /// What the consumer did and how long after the event, or how it stands.
    pub(super) fn tell(&self) -> String {
        match (self.outcome.as_str(), self.after_ms) {
            ("done", Some(after)) => {
                format!("{}\n+{after} ms", self.did.as_deref().unwrap_or("done"))
            }
            (outcome, _) => match &self.error {
                Some(error) => format!("{outcome}: {error}"),
                None => outcome.to_owned(),
            },
        }
    }
}
