//! Shipping: prepares a shipment for every order.

use consumer::{Consumer, Failure, Key, Only, Table, Work, Write};
use event_schema::{CustomerId, Event, OrderItem, OrderPlaced, ShipmentPrepared};
use serde::Serialize;

/// The shipments: an item per order.
pub const SHIPMENTS: Table = Table::named_by("SHIPMENTS_TABLE");

/// The consumer of placed orders.
pub fn consumer() -> Consumer<OrderPlaced> {
    Consumer::new("shipping", prepare)
}

/// A shipment as it lies in the table.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shipment {
    customer_id: CustomerId,
    status: &'static str,
    items: Vec<OrderItem>,
}

async fn prepare(order: Event<OrderPlaced>) -> Result<Work, Failure> {
    let order = order.payload;
    let pieces: u64 = order.items.iter().map(|item| u64::from(item.quantity)).sum();
    let key = Key::new("orderId", order.order_id.as_str());
    let shipment =
        Shipment { customer_id: order.customer_id, status: "prepared", items: order.items };
    Ok(Work::did(format!("prepared {pieces}"))
        .write(Write::put(SHIPMENTS, key, &shipment, Only::IfAbsent))
        .emit(&ShipmentPrepared { order_id: order.order_id, pieces })
        .otherwise(|_| Work::did("prepared already")))
}
