//! The event store: every stream gapless, every event there once.

use crate::cloud::Cloud;
use crate::relaying::FOREIGN;
use crate::tables::{self, EVENTS, number, text};
use crate::workload::Expected;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The envelopes of every stream, in order.
pub(crate) type Streams = BTreeMap<String, Vec<Value>>;

/// The streams that an order may have.
const KINDS: [&str; 8] =
    ["order", "inventory", "payment", "checkout", "shipment", "timeout", "stalled", "refund-look"];

/// Checks the streams, and gives them.
pub(crate) fn check(cloud: &Cloud, expected: &Expected) -> Streams {
    let mut items = tables::scan(&cloud.database, EVENTS);
    items.retain(|item| !text(item, "stream").starts_with(FOREIGN));
    items.sort_by_key(|item| (text(item, "stream").to_owned(), number(item, "version")));
    let mut streams = Streams::new();
    let mut ids = BTreeSet::new();
    for item in &items {
        let name = text(item, "stream");
        let envelope: Value = serde_json::from_str(text(item, "envelope")).unwrap_or_default();
        let stream = streams.entry(name.to_owned()).or_default();
        let version = i64::try_from(stream.len()).unwrap_or(0) + 1;
        if number(item, "version") != Some(version) || envelope["version"] != version {
            cloud.history.violation(format!("stream {name} has no version {version}: {item}"));
        }
        if envelope["stream"] != name || envelope["eventType"] != text(item, "eventType") {
            cloud.history.violation(format!("an item says other than its envelope: {item}"));
        }
        if !ids.insert(envelope["eventId"].to_string()) {
            cloud.history.violation(format!("an event id twice in the store: {envelope}"));
        }
        stream.push(envelope);
    }
    let known: BTreeSet<_> = expected.orders.iter().map(|o| o.order.order_id.to_string()).collect();
    for name in streams.keys() {
        let of_order = KINDS.iter().any(|kind| {
            let id = name.strip_prefix(kind).and_then(|rest| rest.strip_prefix('-'));
            id.is_some_and(|id| known.contains(id))
        });
        let of_stock =
            name.strip_prefix("stock-").is_some_and(|sku| expected.on_hand.contains_key(sku));
        let of_customer = |id: &str| expected.contacts.contains_key(id);
        let of_board = name.starts_with("board-");
        if !of_order
            && !of_stock
            && !of_board
            && !name.strip_prefix("customer-").is_some_and(of_customer)
        {
            cloud.history.violation(format!("stream {name} is about nothing that was asked for"));
        }
    }
    streams
}
