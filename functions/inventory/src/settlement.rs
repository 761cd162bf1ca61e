//! What becomes of the stock that was set aside: it is released, or leaves with the shipment.

use event_schema::{
    InventoryDispatched, InventoryReleased, InventoryReservationSkipped, InventoryReserved,
    OrderId, ReservedItem,
};
use fanfare::{Event, EventType};
use fanfare::{Failure, Key, State, Table, Work, Write, stored_event};
use read_models::stock::{self, AVAILABLE, RESERVED};

/// What was decided so far.
enum Decided {
    Nothing,
    /// Nothing was set aside, and nothing will be.
    NotReserved,
    Reserved(Vec<ReservedItem>),
    /// It was released, or has left.
    Settled,
}

/// The two events that an order's stream can have.
pub(crate) fn reads(order: &OrderId) -> Vec<(Table, Key)> {
    let stream = stream(order);
    vec![stored_event(&stream, 1), stored_event(&stream, 2)]
}

/// Gives back what was set aside, or sees to it that nothing will be.
pub(crate) fn release(order_id: OrderId, known: &State) -> Result<Work, Failure> {
    Ok(match decided(&order_id, known)? {
        Decided::Nothing => Work::did("will reserve nothing")
            .announce_after(0, &InventoryReservationSkipped { order_id }),
        Decided::NotReserved => Work::did("nothing was reserved"),
        Decided::Settled => Work::did("settled before"),
        Decided::Reserved(items) => Work::did(format!("released {}", pieces(&items)))
            .writes(items.iter().map(|item| take_reserved(item).add(AVAILABLE, quantity(item))))
            .announce_after(1, &InventoryReleased { order_id, items }),
    })
}

/// Takes what was set aside off the stock.
pub(crate) fn dispatch(order_id: OrderId, known: &State) -> Result<Work, Failure> {
    Ok(match decided(&order_id, known)? {
        Decided::Nothing => return Err(Failure::retry("nothing is reserved yet")),
        Decided::NotReserved => Work::did("nothing was reserved"),
        Decided::Settled => Work::did("settled before"),
        Decided::Reserved(items) => Work::did(format!("dispatched {}", pieces(&items)))
            .writes(items.iter().map(take_reserved))
            .announce_after(1, &InventoryDispatched { order_id, items }),
    })
}

fn decided(order: &OrderId, known: &State) -> Result<Decided, Failure> {
    let stream = stream(order);
    let Some(first) = known.event(&stream, 1)? else { return Ok(Decided::Nothing) };
    if known.event(&stream, 2)?.is_some() {
        return Ok(Decided::Settled);
    }
    if first.event_type != InventoryReserved::TYPE {
        return Ok(Decided::NotReserved);
    }
    let reserved = Event::<InventoryReserved>::from_envelope(&first)
        .map_err(|e| Failure::permanent("the reservation can't be read").caused_by(e))?;
    Ok(Decided::Reserved(reserved.payload.items))
}

fn stream(order: &OrderId) -> String {
    InventoryReservationSkipped { order_id: order.clone() }.stream()
}

fn take_reserved(item: &ReservedItem) -> Write {
    Write::count(stock::TABLE, stock::key(item.sku.as_str()))
        .at_least(RESERVED, quantity(item))
        .add(RESERVED, -quantity(item))
}

fn quantity(item: &ReservedItem) -> i64 {
    i64::try_from(item.quantity).unwrap_or(i64::MAX)
}

fn pieces(items: &[ReservedItem]) -> u64 {
    items.iter().map(|item| item.quantity).sum()
}
