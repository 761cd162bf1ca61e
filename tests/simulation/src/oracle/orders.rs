//! Orders: stock reserved or refused once, one shipment each.

use crate::cloud::Cloud;
use crate::oracle::streams::Streams;
use crate::tables::{self, SHIPMENTS, STOCK, number, text};
use crate::workload::{Expected, Placed};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What was reserved of each SKU, by the events that say so.
type Reserved = BTreeMap<String, i64>;

pub(crate) fn check(cloud: &Cloud, expected: &Expected, streams: &Streams) {
    let stock: BTreeMap<String, Value> = tables::scan(&cloud.database, STOCK)
        .into_iter()
        .map(|item| (text(&item, "sku").to_owned(), item))
        .collect();
    let mut reserved = Reserved::new();
    for placed in &expected.orders {
        reservation(cloud, placed, streams, &stock, &mut reserved);
        shipment(cloud, placed, streams);
    }
    let shipments = tables::scan(&cloud.database, SHIPMENTS).len();
    if shipments != expected.orders.len() {
        let orders = expected.orders.len();
        cloud.history.violation(format!("{shipments} shipments for {orders} orders"));
    }
    for (sku, on_hand) in &expected.on_hand {
        let promised = reserved.get(sku).copied().unwrap_or(0);
        let item = stock.get(sku).cloned().unwrap_or_default();
        let found = (number(&item, "available"), number(&item, "reserved"));
        if found != (Some(on_hand - promised), Some(promised)) {
            let expected = format!("{on_hand} on hand and {promised} reserved by events");
            cloud.history.violation(format!("{sku}: {expected}, but its item is {item}"));
        }
    }
}

/// What an order asks for, each SKU once.
fn wanted(placed: &Placed) -> BTreeMap<String, i64> {
    let mut wanted = BTreeMap::new();
    for item in &placed.order.items {
        *wanted.entry(item.sku.to_string()).or_default() += i64::from(item.quantity);
    }
    wanted
}

fn reservation(
    cloud: &Cloud,
    placed: &Placed,
    streams: &Streams,
    stock: &BTreeMap<String, Value>,
    reserved: &mut Reserved,
) {
    let order = &placed.order.order_id;
    let wanted = wanted(placed);
    let events = streams.get(&format!("inventory-{order}")).map(Vec::as_slice).unwrap_or_default();
    let [event] = events else {
        cloud.history.violation(format!("{order} has {} answers of inventory", events.len()));
        return;
    };
    let payload = &event["payload"];
    let is_caused = event["causationId"] == placed.event;
    let holds = match event["eventType"].as_str() {
        Some("InventoryReserved") => {
            for (sku, quantity) in &wanted {
                *reserved.entry(sku.clone()).or_default() += quantity;
            }
            let items = wanted.iter().map(|(sku, n)| json!({"sku": sku, "quantity": n}));
            payload["items"] == items.collect::<Value>()
        }
        // Stock only ever goes down: what there is enough of at the end, there was enough of before.
        Some("InventoryReservationFailed") => {
            let short: Vec<_> = payload["short"].as_array().into_iter().flatten().collect();
            let is_short = |sku: &&Value| {
                let sku = sku.as_str().unwrap_or_default();
                let left = stock.get(sku).and_then(|item| number(item, "available"));
                left < wanted.get(sku).copied()
            };
            !short.is_empty() && short.iter().all(is_short)
        }
        _ => false,
    };
    if !holds || !is_caused || payload["orderId"] != order.as_str() {
        cloud.history.violation(format!("{order} got a wrong answer of inventory: {event}"));
    }
}

fn shipment(cloud: &Cloud, placed: &Placed, streams: &Streams) {
    let order = &placed.order.order_id;
    let pieces: u32 = placed.order.items.iter().map(|item| item.quantity).sum();
    let key = json!({"orderId": {"S": order.as_str()}});
    let shipment = tables::get(&cloud.database, SHIPMENTS, &key);
    if text(&shipment, "customerId") != placed.order.customer_id.as_str() {
        cloud.history.violation(format!("{order} has no shipment, but {shipment}"));
    }
    let events = streams.get(&format!("shipment-{order}")).map(Vec::as_slice).unwrap_or_default();
    let right = |event: &Value| {
        event["eventType"] == "ShipmentPrepared" && event["payload"]["pieces"] == pieces
    };
    if events.len() != 1 || !events.iter().all(right) {
        cloud.history.violation(format!("{order} has wrong events of shipping: {events:?}"));
    }
}
