//! `GET /orders/{orderId}/trace`: who consumed what, when, how long, how often it failed.

use crate::Api;
use crate::orders::unknown;
use event_schema::OrderId;
use fanfare::Envelope;
use fanfare_http::{Problem, Response, unavailable};
use fanfare_trace::{ReadError, Trace, TracedEvent, events_about, trace};
use serde::Serialize;

/// The way of an order through the consumers, as it is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderTrace {
    order_id: String,
    events: Vec<TracedEvent>,
}

impl From<Trace> for OrderTrace {
    /// The events about an order have its id for their correlation.
    fn from(trace: Trace) -> Self {
        Self { order_id: trace.correlation_id, events: trace.events }
    }
}

impl Api {
    /// Shows the way of an order through the consumers.
    pub(crate) async fn get_trace(&self, id: &OrderId) -> Result<Response, Problem> {
        let events = self.order_events(id).await.map_err(unavailable)?;
        if events.is_empty() {
            return Err(unknown(id));
        }
        let trace = trace(id.as_str(), &events, Some(&self.ledger), &self.subscriptions).await;
        Ok(Response::ok(&OrderTrace::from(trace.map_err(unavailable)?)))
    }

    /// Every event of an order, oldest first; none when there is no such order. It is found as soon as it is placed.
    pub(crate) async fn order_events(&self, id: &OrderId) -> Result<Vec<Envelope>, ReadError> {
        events_about(&self.events, id.as_str(), Some(&format!("order-{id}"))).await
    }
}
