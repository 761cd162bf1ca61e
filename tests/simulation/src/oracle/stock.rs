//! Stock: what left with shipments is gone, all else is available again, and nobody was refused what there was.

use crate::cloud::Cloud;
use crate::oracle::streams::Streams;
use crate::tables::{self, STOCK, number};
use crate::workload::{Expected, Placed};
use event_schema::StoreEvent;
use fanfare::{Envelope, Event};
use read_models::stock::Levels;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) fn check(cloud: &Cloud, expected: &Expected, streams: &Streams) {
    let mut gone: BTreeMap<String, i64> = BTreeMap::new();
    for placed in &expected.orders {
        let wanted = wanted(placed);
        for event in
            streams.get(&format!("inventory-{}", placed.order.order_id)).into_iter().flatten()
        {
            if !is_right(cloud, event, &wanted) {
                cloud.history.violation(format!("a wrong answer of inventory: {event}"));
            }
            if event["eventType"] == "InventoryDispatched" {
                for (sku, quantity) in &wanted {
                    *gone.entry(sku.clone()).or_default() += quantity;
                }
            }
        }
    }
    let levels = told(streams);
    for (sku, on_hand) in &expected.on_hand {
        let left = on_hand - gone.get(sku).copied().unwrap_or(0);
        let item = tables::get(&cloud.database, STOCK, &json!({"sku": {"S": sku}}));
        if (number(&item, "available"), number(&item, "reserved")) != (Some(left), Some(0)) {
            cloud.history.violation(format!("{sku}: {left} of {on_hand} are left, not {item}"));
        }
        let told = levels.of(sku);
        if (told.available, told.reserved) != (left, 0) {
            cloud.history.violation(format!("{sku}: the events tell of {told:?}, not of {left}"));
        }
    }
}

/// The stock as the events tell it.
fn told(streams: &Streams) -> Levels {
    let mut levels = Levels::default();
    for envelope in streams.values().flatten() {
        let envelope = Envelope::from_json(&envelope.to_string()).expect("an envelope");
        if let Ok(event) = Event::<StoreEvent>::from_envelope(&envelope) {
            levels.add(&event.payload);
        }
    }
    levels
}

/// What an order asks for, each SKU once.
fn wanted(placed: &Placed) -> BTreeMap<String, i64> {
    let mut wanted = BTreeMap::new();
    for item in &placed.order.items {
        *wanted.entry(item.sku.to_string()).or_default() += i64::from(item.quantity);
    }
    wanted
}

fn is_right(cloud: &Cloud, event: &Value, wanted: &BTreeMap<String, i64>) -> bool {
    let payload = &event["payload"];
    match event["eventType"].as_str() {
        Some("InventoryReserved" | "InventoryReleased" | "InventoryDispatched") => {
            let items = wanted.iter().map(|(sku, n)| json!({"sku": sku, "quantity": n}));
            payload["items"] == items.collect::<Value>()
        }
        Some("InventoryReservationFailed") => {
            let short = payload["short"].as_array().map(Vec::as_slice).unwrap_or_default();
            let was_short = |sku: &Value| {
                let sku = sku.as_str().unwrap_or_default();
                let asked = wanted.get(sku).copied().unwrap_or(0);
                cloud.watch.least_available(sku).is_none_or(|least| least < asked)
            };
            !short.is_empty() && short.iter().all(was_short)
        }
        _ => true,
    }
}
