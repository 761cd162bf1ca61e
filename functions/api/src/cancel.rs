//! `POST /orders/{orderId}/cancel`

use crate::Api;
use crate::order_view::facts;
use crate::orders::unknown;
use event_schema::{CancellationReason, OrderCancellationRequested, OrderId};
use fanfare_http::{Command, CommandError, Problem, Request, Response, unavailable};
use futures_util::future::try_join3;
use read_models::order_facts::{Milestone, OrderFacts};
use serde_json::json;

/// How often it is looked again when something came in between.
const TRIES: u32 = 5;

/// What a call to cancel an order comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    /// It is asked for now.
    Possible,
    /// It was asked for before: the same answer again.
    Requested,
}

/// What a call to cancel an order comes to, by what has happened to the order. A customer's own cancel that has
/// succeeded is no conflict: whoever lost the answer may ask again.
///
/// # Errors
/// 409 when the order has been shipped, or was cancelled for another reason.
pub fn cancellation(order: &OrderFacts) -> Result<Cancellation, Problem> {
    if order.has(Milestone::Shipped) {
        return Err(Problem::conflict("orderId", "the order has been shipped"));
    }
    match order.cancellation {
        Some(CancellationReason::CustomerRequest) => Ok(Cancellation::Requested),
        Some(reason) => {
            let detail = format!("the order was cancelled already: {reason}");
            Err(Problem::conflict("orderId", detail))
        }
        None if order.has(Milestone::CancellationRequested) => Ok(Cancellation::Requested),
        None => Ok(Cancellation::Possible),
    }
}

impl Api {
    /// Asks the checkout to cancel an order. Whether that is still possible is decided there: the answer says that
    /// it was asked.
    pub(crate) async fn cancel_order(
        &self,
        id: &OrderId,
        request: &Request,
    ) -> Result<Response, Problem> {
        let stream = format!("order-{id}");
        let (checkout, shipment) = (format!("checkout-{id}"), format!("shipment-{id}"));
        for _ in 0..TRIES {
            // These streams say all that counts here, and unlike the index they do not lag.
            let (mut events, settled, shipped) = try_join3(
                self.events.read(&stream),
                self.events.read(&checkout),
                self.events.read(&shipment),
            )
            .await
            .map_err(unavailable)?;
            let last = events.last().and_then(|event| event.version);
            let last = last.ok_or_else(|| unknown(id))?;
            events.extend(settled.into_iter().chain(shipped));
            match cancellation(&facts(&events).map_err(unavailable)?)? {
                Cancellation::Requested => return Ok(requested(id)),
                Cancellation::Possible => {}
            }
            let payload = OrderCancellationRequested { order_id: id.clone() };
            let command = Command::new("cancel-order", id, requested(id))?.after(last, &payload)?;
            match self.commands.execute(request, command).await {
                Ok(response) => return Ok(response),
                // Another call was faster.
                Err(CommandError::StreamMoved { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Problem::unavailable())
    }
}

fn requested(id: &OrderId) -> Response {
    let body = json!({"orderId": id, "cancellation": "requested"});
    Response::new(202, &body).at(format!("/orders/{id}"))
}
