//! Who may make which call: this table is the one place that says so.

use crate::caller::Caller;
use crate::orders::unknown;
use crate::{Api, Route};
use event_schema::{CustomerId, OrderId, StoreEvent};
use fanfare::Event;
use fanfare_http::{Problem, Request, unavailable};

/// Whom a call is for. Staff and machines may make every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For<'a> {
    /// Whoever is known.
    Everybody,
    /// Nobody else.
    Staff,
    /// This customer.
    Customer(&'a CustomerId),
    /// The customer who placed this order. To anybody else there is no such order.
    Owner(&'a OrderId),
}

fn policy(route: &Route) -> For<'_> {
    match route {
        Route::Health | Route::GetProducts | Route::GetProduct(_) => For::Everybody,
        // For whom it is placed stands in the order: `Placement::customer`.
        Route::PlaceOrder => For::Everybody,
        Route::PutCustomer(id) | Route::GetCustomerOrders(id) => For::Customer(id),
        Route::GetOrder(id)
        | Route::CancelOrder(id)
        | Route::GetEvents(id)
        | Route::GetSummary(id)
        | Route::GetTrace(id) => For::Owner(id),
        Route::PutProduct(_)
        | Route::PutStock(_)
        | Route::GetStock(_)
        | Route::GetSales
        | Route::GetStatuses => For::Staff,
    }
}

impl Api {
    /// Who makes a call, if they may.
    ///
    /// # Errors
    /// 403 when they may not; 404 when they may not know whether there is such an order.
    pub(crate) async fn admit(&self, request: &Request, route: &Route) -> Result<Caller, Problem> {
        let caller = self.claims.caller(request.caller())?;
        if let Caller::Customer(customer) = &caller {
            match policy(route) {
                For::Everybody => {}
                For::Staff => return Err(Problem::forbidden("this is for the store's staff")),
                For::Customer(id) if id == customer => {}
                For::Customer(_) => return Err(Problem::forbidden("this is another customer's")),
                For::Owner(id) if self.owner(id).await?.as_ref() == Some(customer) => {}
                For::Owner(id) => return Err(unknown(id)),
            }
        }
        Ok(caller)
    }

    /// Who placed an order: the first event of its stream says so, as soon as the order is accepted.
    async fn owner(&self, id: &OrderId) -> Result<Option<CustomerId>, Problem> {
        let events = self.events.read(&format!("order-{id}")).await.map_err(unavailable)?;
        let Some(first) = events.first() else { return Ok(None) };
        match Event::from_envelope(first).map_err(unavailable)?.payload {
            StoreEvent::OrderPlaced(order) => Ok(Some(order.customer_id)),
            _ => Ok(None),
        }
    }
}
