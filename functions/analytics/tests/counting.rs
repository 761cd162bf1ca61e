//! Events become figures.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use event_schema::{
    CancellationReason, Currency, CustomerId, InventoryDispatched, InventoryReserved,
    OrderCancelled, OrderConfirmed, OrderId, OrderItem, OrderPlaced, PaymentProcessed,
    PaymentRefunded, ReservedItem, Sku,
};
use fanfare::Envelope;
use fanfare::Key;
use fanfare::testing::{Given, event, given};
use proptest::prelude::*;
use read_models::sales::{Shard, TABLE as SALES};
use serde_json::json;

fn order_id() -> OrderId {
    OrderId::new("ord_1").unwrap()
}

fn customer_id() -> CustomerId {
    CustomerId::new("cust_1").unwrap()
}

fn items(lines: &[(&str, u32)]) -> Vec<OrderItem> {
    let line = |&(name, quantity): &(&str, u32)| OrderItem {
        sku: Sku::new(name).unwrap(),
        quantity,
        unit_price: None,
    };
    lines.iter().map(line).collect()
}

fn placed(event_id: &str, total_amount: u64) -> Envelope {
    let order = OrderPlaced {
        order_id: order_id(),
        customer_id: customer_id(),
        items: items(&[("mug", 1)]),
        total_amount,
        currency: Currency::EUR,
    };
    event(event_id, &order)
}

fn paid(event_id: &str, amount: u64) -> Envelope {
    let payment = PaymentProcessed {
        order_id: order_id(),
        payment_id: "pi_1".to_owned(),
        amount,
        currency: Currency::EUR,
    };
    event(event_id, &payment)
}

fn refunded(event_id: &str, amount: u64) -> Envelope {
    let refund = PaymentRefunded {
        order_id: order_id(),
        payment_id: "pi_1".to_owned(),
        amount,
        currency: Currency::EUR,
    };
    event(event_id, &refund)
}

fn confirmed(event_id: &str, lines: &[(&str, u32)]) -> Envelope {
    let order = OrderConfirmed {
        order_id: order_id(),
        customer_id: customer_id(),
        items: items(lines),
        total_amount: 5000,
        currency: Currency::EUR,
        payment_id: "pi_1".to_owned(),
    };
    event(event_id, &order)
}

fn cancelled(event_id: &str) -> Envelope {
    let order = OrderCancelled {
        order_id: order_id(),
        customer_id: customer_id(),
        reason: CancellationReason::CustomerRequest,
        items: Vec::new(),
        total_amount: 5000,
        currency: Currency::EUR,
    };
    event(event_id, &order)
}

fn dispatched(event_id: &str, lines: &[(&str, u32)]) -> Envelope {
    let line = |item: OrderItem| ReservedItem { sku: item.sku, quantity: item.quantity.into() };
    let items = items(lines).into_iter().map(line).collect();
    event(event_id, &InventoryDispatched { order_id: order_id(), items })
}

fn figure(name: &str) -> Key {
    Key::new("day", "2024-01-15").and("figure", name)
}

#[test]
fn money_counts_when_it_is_captured_and_given_back() {
    given(analytics::consumer(Shard::FIRST))
        .when(&placed("evt_1", 5000))
        .then_did("counted 5000 EUR")
        .after(&refunded("evt_3", 5000))
        .when(&paid("evt_2", 5000))
        .then_succeeded()
        .then_item(
            SALES,
            figure("money#EUR"),
            json!({"orders": 1, "ordered": 5000, "captured": 5000, "refunded": 5000}),
        );
}

#[test]
fn who_counts_keeps_to_one_shard_of_a_day() {
    let in_shard = Key::new("day", "2024-01-15#7").and("figure", "money#EUR");
    given(analytics::consumer(Shard::of(64 + 7)))
        .after(&placed("evt_1", 5000))
        .when(&placed("evt_2", 500))
        .then_succeeded()
        .then_item(SALES, in_shard, json!({"orders": 2, "ordered": 5500}));
}

#[test]
fn pieces_count_when_they_leave() {
    given(analytics::consumer(Shard::FIRST))
        .after(&dispatched("evt_1", &[("mug", 3), ("pot", 1)]))
        .after(&dispatched("evt_2", &[("mug", 2)]))
        .when(&dispatched("evt_2", &[("mug", 2)]))
        .then_succeeded()
        .then_item(SALES, figure("units#mug"), json!({"units": 5}))
        .then_item(SALES, figure("units#pot"), json!({"units": 1}));
}

#[test]
fn pieces_of_a_confirmed_order_that_is_cancelled_are_not_sold() {
    let world = given(analytics::consumer(Shard::FIRST))
        .after(&confirmed("evt_1", &[("mug", 2)]))
        .when(&cancelled("evt_2"))
        .then_succeeded();
    assert_eq!(world.number(SALES, figure("units#mug"), "units"), 0);
}

#[test]
fn every_stage_of_an_order_is_counted() {
    let reserved = InventoryReserved { order_id: order_id(), items: Vec::new() };
    let events = [
        placed("evt_1", 5000),
        event("evt_2", &reserved),
        paid("evt_3", 5000),
        confirmed("evt_4", &[]),
        dispatched("evt_5", &[]),
        cancelled("evt_6"),
    ];
    let mut world =
        events.iter().fold(given(analytics::consumer(Shard::FIRST)), Given::after).so_far();
    let stages =
        ["placed", "reserved", "paid", "confirmed", "shipped", "cancelled:customer-request"];
    for stage in stages {
        world = world.then_item(SALES, figure(&format!("funnel#{stage}")), json!({"reached": 1}));
    }
}

proptest! {
    #[test]
    fn figures_add_up_however_often_and_in_whatever_order_events_arrive(
        deliveries in prop::collection::vec((0_u64..10, any::<bool>()), 0..60)
    ) {
        let mut world = given(analytics::consumer(Shard::FIRST));
        for (n, is_payment) in &deliveries {
            world = match is_payment {
                true => world.after(&paid(&format!("evt_paid_{n}"), 100 + n)),
                false => world.after(&placed(&format!("evt_placed_{n}"), 100 + n)),
            };
        }
        let world = world.so_far();
        let distinct = |payments: bool| {
            let of_kind = deliveries.iter().filter(|(_, is_payment)| *is_payment == payments);
            of_kind.map(|(n, _)| *n).collect::<std::collections::BTreeSet<_>>()
        };
        let sum = |payments| distinct(payments).iter().map(|n| 100 + n).sum::<u64>() as i64;
        let total = |name| world.number(SALES, figure("money#EUR"), name);
        prop_assert_eq!(total("orders"), distinct(false).len() as i64);
        prop_assert_eq!(total("ordered"), sum(false));
        prop_assert_eq!(total("captured"), sum(true));
    }
}
