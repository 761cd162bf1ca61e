//! Orders: every one ends shipped or cancelled, and every service has done or undone its part.

use crate::cloud::Cloud;
use crate::oracle::streams::Streams;
use crate::sweeping;
use crate::tables::{self, SAGAS, SHIPMENTS};
use crate::workload::{Expected, Placed};
use serde_json::Value;
use std::collections::BTreeMap;

/// What may be said again and again.
const REPEATED: [&str; 2] = ["RefundPending", "RefundLookDue"];

/// What an order's streams may say, each of them one of these; what may be repeated stands for any number of it.
const STREAMS: [(&str, &[&[&str]]); 8] = [
    ("order", &[&["OrderPlaced"], &["OrderPlaced", "OrderCancellationRequested"]]),
    (
        "inventory",
        &[
            &["InventoryReserved", "InventoryDispatched"],
            &["InventoryReserved", "InventoryReleased"],
            &["InventoryReservationFailed"],
            &["InventoryReservationSkipped"],
        ],
    ),
    (
        "payment",
        &[
            &[],
            &["PaymentFailed"],
            &["PaymentProcessed"],
            &["PaymentProcessed", "PaymentRefunded"],
            &["PaymentProcessed", "RefundPending", "PaymentRefunded"],
        ],
    ),
    (
        "checkout",
        &[
            &["OrderConfirmed"],
            &["OrderConfirmed", "ShipmentStopRequested"],
            &["OrderConfirmed", "ShipmentStopRequested", "OrderCancelled", "RefundRequested"],
            &["OrderCancelled"],
            &["OrderCancelled", "RefundRequested"],
        ],
    ),
    (
        "shipment",
        &[
            &["ShipmentPrepared", "OrderShipped"],
            &["ShipmentPrepared", "ShipmentCancelled"],
            &["ShipmentCancelled"],
        ],
    ),
    ("timeout", &[&[], &["OrderTimedOut"]]),
    ("stalled", &[&[], &["OrderStalled"]]),
    ("refund-look", &[&[], &["RefundLookDue"]]),
];

/// Every way that an order may end.
pub(crate) const ENDS: [&str; 6] =
    ["shipped", "out-of-stock", "payment-declined", "customer-request", "stopped", "timed-out"];

/// An order, and every event about it.
pub(crate) struct Life<'a> {
    pub(crate) placed: &'a Placed,
    events: Vec<&'a Value>,
}

impl<'a> Life<'a> {
    fn new(placed: &'a Placed, streams: &'a Streams) -> Self {
        let id = &placed.order.order_id;
        let of = |kind: &str| streams.get(&format!("{kind}-{id}")).into_iter().flatten();
        Self { placed, events: STREAMS.into_iter().flat_map(|(kind, _)| of(kind)).collect() }
    }

    pub(crate) fn id(&self) -> &str {
        self.placed.order.order_id.as_str()
    }

    /// The event of a type, if there is one.
    pub(crate) fn event(&self, event_type: &str) -> Option<&'a Value> {
        self.events.iter().find(|event| event["eventType"] == event_type).copied()
    }

    /// Whether there is an event of a type.
    pub(crate) fn has(&self, event_type: &str) -> bool {
        self.event(event_type).is_some()
    }

    /// How it ended.
    fn end(&self) -> &'static str {
        let Some(cancelled) = self.event("OrderCancelled") else {
            return if self.has("OrderShipped") { "shipped" } else { "" };
        };
        let reason = cancelled["payload"]["reason"].as_str().unwrap_or_default();
        match self.has("OrderConfirmed") {
            true => "stopped",
            false => ENDS.into_iter().find(|end| *end == reason).unwrap_or_default(),
        }
    }
}

/// Checks the orders, and gives them.
pub(crate) fn check<'a>(
    cloud: &Cloud,
    expected: &'a Expected,
    streams: &'a Streams,
) -> Vec<Life<'a>> {
    let lives: Vec<_> = expected.orders.iter().map(|placed| Life::new(placed, streams)).collect();
    for life in &lives {
        shape(cloud, life, streams);
        if let Some(broken) = broken(life) {
            cloud.history.violation(format!("{} {broken}: {:?}", life.id(), types(&life.events)));
        }
    }
    for table in [SAGAS, SHIPMENTS] {
        let mut items = tables::scan(&cloud.database, table);
        items.retain(sweeping::is_order);
        let orders = lives.len();
        if items.len() != orders {
            cloud.history.violation(format!("{} {table} for {orders} orders", items.len()));
        }
        if items.iter().any(|item| !item["open"].is_null()) {
            cloud.history.violation("an order is still open for the sweep");
        }
    }
    lives
}

/// How often orders ended in each way.
pub(crate) fn ends(lives: &[Life<'_>]) -> BTreeMap<&'static str, u64> {
    let mut ends: BTreeMap<_, _> = ENDS.into_iter().map(|end| (end, 0)).collect();
    for life in lives {
        *ends.entry(life.end()).or_default() += 1;
    }
    ends
}

fn types<'a>(events: &[&'a Value]) -> Vec<&'a str> {
    events.iter().filter_map(|event| event["eventType"].as_str()).collect()
}

fn shape(cloud: &Cloud, life: &Life<'_>, streams: &Streams) {
    for (kind, allowed) in STREAMS {
        let name = format!("{kind}-{}", life.id());
        let events: Vec<_> = streams.get(&name).into_iter().flatten().collect();
        let mut types = types(&events);
        types.dedup_by(|next, before| next == before && REPEATED.contains(next));
        if !allowed.contains(&types.as_slice()) {
            cloud.history.violation(format!("{name} should not be {types:?}"));
        }
    }
}

/// What is wrong with the end of an order.
fn broken(life: &Life<'_>) -> Option<&'static str> {
    let (has, order) = (|event_type| life.has(event_type), &life.placed.order);
    let pieces: u32 = order.items.iter().map(|item| item.quantity).sum();
    let wrong_pieces = |event_type| {
        life.event(event_type).is_some_and(|event| event["payload"]["pieces"] != pieces)
    };
    let (is_paid, is_refunded) = (has("PaymentProcessed"), has("PaymentRefunded"));
    let is_confirmed = has("OrderConfirmed");
    let first = match has("OrderCancelled") {
        true => [
            (has("OrderShipped"), "is cancelled, and shipped"),
            (has("InventoryDispatched"), "is cancelled, and its stock gone"),
            (!has("ShipmentCancelled"), "is cancelled, and may still be shipped"),
            (is_paid != is_refunded, "is cancelled, and the customer paid for it"),
            (is_paid != has("RefundRequested"), "is cancelled, and nobody asked for the refund"),
        ],
        false => [
            (!is_confirmed, "is neither confirmed nor cancelled"),
            (!has("OrderShipped"), "is confirmed, and not shipped"),
            (!has("InventoryDispatched"), "is confirmed, and its stock not gone"),
            (is_refunded || !is_paid, "is confirmed, and not paid for"),
            (has("ShipmentCancelled"), "is confirmed, and its shipment cancelled"),
        ],
    };
    let reason = life.event("OrderCancelled").and_then(|event| event["payload"]["reason"].as_str());
    let without_reason = match reason {
        Some("out-of-stock") => !has("InventoryReservationFailed"),
        Some("payment-declined") => !has("PaymentFailed"),
        Some("customer-request") => !has("OrderCancellationRequested"),
        Some("timed-out") => !has("OrderTimedOut"),
        Some(_) => true,
        None => false,
    };
    let then = [
        (has("OrderStalled") && !is_confirmed, "is stalled, and was never confirmed"),
        (has("RefundLookDue") && !has("RefundPending"), "is looked at without a pending refund"),
        (without_reason, "is cancelled without a reason"),
        (life.placed.is_declined && is_paid, "is paid for by somebody without money"),
        (!life.placed.is_declined && has("PaymentFailed"), "is declined without a reason"),
        (wrong_pieces("ShipmentPrepared"), "is prepared with wrong pieces"),
        (wrong_pieces("OrderShipped"), "is shipped with wrong pieces"),
    ];
    first.into_iter().chain(then).find(|(is_broken, _)| *is_broken).map(|(_, what)| what)
}
