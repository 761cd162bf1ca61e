//! `GET /orders/{orderId}/trace`: who consumed what, when, how long, how often it failed.

use fanfare_http::{Problem, Response, unavailable};
use crate::orders::unknown;
use crate::Api;
use event_schema::OrderId;
use order_trace::order_trace;

impl Api {
    /// Shows the way of an order through the consumers.
    pub(crate) async fn get_trace(&self, id: &OrderId) -> Result<Response, Problem> {
        let trace = order_trace(&self.events, &self.ledger, &self.subscriptions, id).await;
        let trace = trace.map_err(unavailable)?;
        trace.map(|trace| Response::ok(&trace)).ok_or_else(|| unknown(id))
    }
}
