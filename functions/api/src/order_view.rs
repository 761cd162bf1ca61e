//! An order as it stands, made of its events.

use event_schema::{
    Currency, CustomerId, Envelope, Event, OrderId, OrderItem, SchemaError, Sku, StoreEvent,
    Timestamp,
};
use serde::Serialize;

/// An order as it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderView {
    order_id: OrderId,
    customer_id: CustomerId,
    status: Status,
    items: Vec<OrderItem>,
    total_amount: u64,
    currency: Currency,
    shipment: Shipment,
    /// What there was not enough of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    short: Vec<Sku>,
    placed_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Placed,
    Reserved,
    Rejected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Shipment {
    Pending,
    Prepared,
}

/// Folds an order's events, in any order, into the order; `None` when it was never placed.
///
/// # Errors
/// [`SchemaError`] when one of them can't be read.
pub fn view(events: &[Envelope]) -> Result<Option<OrderView>, SchemaError> {
    // An event of a type that this build does not know adds nothing that it could show.
    let known = |event: &&Envelope| StoreEvent::TYPES.contains(&event.event_type.as_str());
    let mut events: Vec<Event<StoreEvent>> =
        events.iter().filter(known).map(Event::from_envelope).collect::<Result<_, _>>()?;
    // The placement first: all else only adds to it.
    events.sort_by_key(|event| !matches!(event.payload, StoreEvent::OrderPlaced(_)));
    let mut view = None;
    for event in events {
        view = apply(view, event);
    }
    Ok(view)
}

fn apply(view: Option<OrderView>, event: Event<StoreEvent>) -> Option<OrderView> {
    let at = event.timestamp;
    if let StoreEvent::OrderPlaced(order) = event.payload {
        return Some(OrderView {
            order_id: order.order_id,
            customer_id: order.customer_id,
            status: Status::Placed,
            items: order.items,
            total_amount: order.total_amount,
            currency: order.currency,
            shipment: Shipment::Pending,
            short: Vec::new(),
            placed_at: at,
            updated_at: at,
        });
    }
    let mut view = view?;
    view.updated_at = view.updated_at.max(at);
    match event.payload {
        StoreEvent::InventoryReserved(_) => view.status = Status::Reserved,
        StoreEvent::InventoryReservationFailed(failed) => {
            view.status = Status::Rejected;
            view.short = failed.short;
        }
        StoreEvent::ShipmentPrepared(_) => view.shipment = Shipment::Prepared,
        StoreEvent::OrderPlaced(_)
        | StoreEvent::CustomerRegistered(_)
        | StoreEvent::CustomerUpdated(_) => {}
    }
    Some(view)
}
