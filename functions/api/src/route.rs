//! Which call goes where.

use event_schema::{CustomerId, OrderId, Sku};
use fanfare_http::Problem;

/// A call that the API knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `GET /health`
    Health,
    /// `PUT /customers/{customerId}`
    PutCustomer(CustomerId),
    /// `GET /products`
    GetProducts,
    /// `GET /products/{sku}`
    GetProduct(Sku),
    /// `PUT /products/{sku}`
    PutProduct(Sku),
    /// `PUT /inventory/{sku}`
    PutStock(Sku),
    /// `GET /inventory/{sku}`
    GetStock(Sku),
    /// `POST /orders`
    PlaceOrder,
    /// `GET /orders/{orderId}`
    GetOrder(OrderId),
    /// `POST /orders/{orderId}/cancel`
    CancelOrder(OrderId),
    /// `GET /orders/{orderId}/events`
    GetEvents(OrderId),
    /// `GET /orders/{orderId}/summary`
    GetSummary(OrderId),
    /// `GET /orders/{orderId}/trace`
    GetTrace(OrderId),
    /// `GET /customers/{customerId}/orders`
    GetCustomerOrders(CustomerId),
    /// `GET /analytics/sales`
    GetSales,
    /// `GET /analytics/statuses`
    GetStatuses,
}

/// Finds the route of a call.
///
/// # Errors
/// A [`Problem`]: 400 for a malformed identifier, 404 for an unknown path, 405 for a known one with
/// another method.
pub fn route(method: &str, path: &str) -> Result<Route, Problem> {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let allowed = match (method, segments.as_slice()) {
        ("GET", ["health"]) => return Ok(Route::Health),
        ("PUT", ["customers", id]) => return Ok(Route::PutCustomer(CustomerId::new(*id)?)),
        ("GET", ["customers", id, "orders"]) => {
            return Ok(Route::GetCustomerOrders(CustomerId::new(*id)?));
        }
        ("GET", ["products"]) => return Ok(Route::GetProducts),
        ("GET", ["products", sku]) => return Ok(Route::GetProduct(Sku::new(*sku)?)),
        ("PUT", ["products", sku]) => return Ok(Route::PutProduct(Sku::new(*sku)?)),
        ("PUT", ["inventory", sku]) => return Ok(Route::PutStock(Sku::new(*sku)?)),
        ("GET", ["inventory", sku]) => return Ok(Route::GetStock(Sku::new(*sku)?)),
        ("POST", ["orders"]) => return Ok(Route::PlaceOrder),
        ("GET", ["orders", id]) => return Ok(Route::GetOrder(OrderId::new(*id)?)),
        ("POST", ["orders", id, "cancel"]) => return Ok(Route::CancelOrder(OrderId::new(*id)?)),
        ("GET", ["orders", id, "events"]) => return Ok(Route::GetEvents(OrderId::new(*id)?)),
        ("GET", ["orders", id, "summary"]) => return Ok(Route::GetSummary(OrderId::new(*id)?)),
        ("GET", ["orders", id, "trace"]) => return Ok(Route::GetTrace(OrderId::new(*id)?)),
        ("GET", ["analytics", "sales"]) => return Ok(Route::GetSales),
        ("GET", ["analytics", "statuses"]) => return Ok(Route::GetStatuses),
        (_, ["customers", _]) => "PUT",
        (_, ["inventory" | "products", _]) => "GET, PUT",
        (_, ["orders"] | ["orders", _, "cancel"]) => "POST",
        (
            _,
            ["health" | "products"]
            | ["orders", _]
            | ["orders", _, "events" | "summary" | "trace"]
            | ["customers", _, "orders"]
            | ["analytics", "sales" | "statuses"],
        ) => "GET",
        _ => return Err(Problem::nothing_at(path)),
    };
    Err(Problem::method_not_allowed(method, allowed))
}
