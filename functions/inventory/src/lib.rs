//! Inventory: sets stock aside for orders, and never goes below zero.
//!
//! What it decided about an order is the order's stream, `inventory-ORDER`: the first event says whether stock
//! was set aside, the second what became of that. Whoever appends an event first has decided, so that an order
//! is never reserved after it was cancelled, and nothing is released twice.

mod reservation;
mod settlement;

use event_schema::{
    InventoryDispatched, InventoryReleased, InventoryReservationFailed,
    InventoryReservationSkipped, InventoryReserved, StoreEvent,
};
use fanfare::Event;
use fanfare::{Consumer, Failure, Key, State, Table, Work};
use read_models::stock;

/// The consumer of placed, cancelled and shipped orders.
pub fn consumer() -> Consumer<StoreEvent> {
    Consumer::reading("inventory", reads, decide)
        .tables([stock::TABLE])
        .announces::<InventoryReserved>()
        .announces::<InventoryReservationFailed>()
        .announces::<InventoryReservationSkipped>()
        .announces::<InventoryReleased>()
        .announces::<InventoryDispatched>()
}

fn reads(event: &Event<StoreEvent>) -> Vec<(Table, Key)> {
    match &event.payload {
        StoreEvent::OrderCancelled(order) => settlement::reads(&order.order_id),
        StoreEvent::OrderShipped(order) => settlement::reads(&order.order_id),
        _ => Vec::new(),
    }
}

async fn decide(event: Event<StoreEvent>, known: State) -> Result<Work, Failure> {
    match event.payload {
        StoreEvent::OrderPlaced(order) => Ok(reservation::reserve(order)),
        StoreEvent::OrderCancelled(order) => settlement::release(order.order_id, &known),
        StoreEvent::OrderShipped(order) => settlement::dispatch(order.order_id, &known),
        _ => Ok(Work::did("nothing to do with the stock")),
    }
}
