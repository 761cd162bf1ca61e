//! `GET /orders/{orderId}/events?limit=&cursor=`: the audit trail.

use crate::Api;
use crate::orders::unknown;
use event_schema::OrderId;
use fanfare::Envelope;
use fanfare_event_store::{Place, Stored};
use fanfare_http::{Paging, Problem, Request, Response, unavailable};
use futures_util::future::try_join;
use serde::Serialize;

/// A page of what has happened to an order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trail<'a> {
    order_id: &'a OrderId,
    events: Vec<Envelope>,
    /// The cursor of the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl Api {
    /// Shows every event of an order as it was announced, from whichever service, oldest first.
    pub(crate) async fn get_events(
        &self,
        id: &OrderId,
        request: &Request,
    ) -> Result<Response, Problem> {
        let Paging { limit, after } = Paging::<Place>::of(request)?;
        // The index lags a little: whether there is an order at all, its own stream says.
        let stream = format!("order-{id}");
        let own = self.events.read(&stream);
        let page = self.events.page_about(id.as_str(), after.as_ref(), limit);
        let (own, page) = try_join(own, page).await.map_err(unavailable)?;
        if own.is_empty() {
            return Err(unknown(id));
        }
        let events = page.events.iter().map(Stored::envelope).collect::<Result<_, _>>();
        let events = events.map_err(unavailable)?;
        let next = page.next.as_ref().map(Paging::cursor);
        Ok(Response::ok(&Trail { order_id: id, events, next }))
    }
}
