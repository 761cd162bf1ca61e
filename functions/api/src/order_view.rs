//! An order as it stands, or stood, made of its events.

use event_schema::{
    CancellationReason, Currency, CustomerId, OrderId, OrderItem, OrderPlaced, Sku, StoreEvent,
};
use fanfare::{Envelope, Event, SchemaError, Timestamp};
use read_models::order_facts::{Milestone, OrderFacts, Shipment, Status};
use serde::Serialize;
use std::collections::BTreeSet;

/// An order as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderView {
    order_id: OrderId,
    customer_id: CustomerId,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_reason: Option<CancellationReason>,
    /// Whether the customer asked for it to be cancelled, whatever came of that.
    cancellation_requested: bool,
    /// Whether what was paid was given back.
    refunded: bool,
    items: Vec<OrderItem>,
    total_amount: u64,
    currency: Currency,
    shipment: Shipment,
    /// What there was not enough of.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    short: BTreeSet<Sku>,
    placed_at: Timestamp,
    updated_at: Timestamp,
}

/// Folds an order's events, in any order, into the order; `None` when it was never placed.
///
/// # Errors
/// [`SchemaError`] when one of them can't be read.
pub fn view(events: &[Envelope]) -> Result<Option<OrderView>, SchemaError> {
    let events = known(events)?;
    let mut facts = OrderFacts::default();
    events.iter().for_each(|event| facts.add(event));
    let placed = events.into_iter().find_map(|event| match event.payload {
        StoreEvent::OrderPlaced(order) => Some((order, event.timestamp)),
        _ => None,
    });
    Ok(placed.and_then(|(order, at)| show(order, at, facts)))
}

/// Folds those of an order's events that had happened by then.
///
/// # Errors
/// [`SchemaError`] when one of them can't be read.
pub fn view_at(events: &[Envelope], at: Timestamp) -> Result<Option<OrderView>, SchemaError> {
    let by_then: Vec<_> = events.iter().filter(|event| event.timestamp <= at).cloned().collect();
    view(&by_then)
}

/// What an order's events, in any order, say of it.
pub(crate) fn facts(events: &[Envelope]) -> Result<OrderFacts, SchemaError> {
    let mut facts = OrderFacts::default();
    known(events)?.iter().for_each(|event| facts.add(event));
    Ok(facts)
}

/// The events that this build knows; one of another type adds nothing that it could show.
fn known(events: &[Envelope]) -> Result<Vec<Event<StoreEvent>>, SchemaError> {
    let known = |event: &&Envelope| StoreEvent::TYPES.contains(&event.event_type.as_str());
    events.iter().filter(known).map(Event::from_envelope).collect()
}

fn show(order: OrderPlaced, placed_at: Timestamp, facts: OrderFacts) -> Option<OrderView> {
    Some(OrderView {
        order_id: order.order_id,
        customer_id: order.customer_id,
        status: facts.status()?,
        cancellation_reason: facts.cancellation,
        cancellation_requested: facts.has(Milestone::CancellationRequested),
        refunded: facts.has(Milestone::PaymentRefunded),
        items: order.items,
        total_amount: order.total_amount,
        currency: order.currency,
        shipment: facts.shipment(),
        placed_at,
        updated_at: facts.updated_at.unwrap_or(placed_at),
        short: facts.short,
    })
}
