//! Orders become shipments, which leave or are stopped.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use event_schema::{
    CancellationReason, Currency, CustomerId, OrderCancelled, OrderConfirmed, OrderId, OrderItem,
    OrderPlaced, ShipmentStopRequested, Sku,
};
use fanfare::Envelope;
use fanfare::Key;
use fanfare::testing::{event, given};
use serde_json::{Value, json};
use shipping::{Fact, SHIPMENTS, Shipment, Status, Step, heard};

fn order_id() -> OrderId {
    OrderId::new("ord_1").unwrap()
}

fn customer() -> CustomerId {
    CustomerId::new("cust_1").unwrap()
}

fn items() -> Vec<OrderItem> {
    vec![OrderItem { sku: Sku::new("mug").unwrap(), quantity: 2, unit_price: None }]
}

fn placed(id: &str) -> Envelope {
    event(
        id,
        &OrderPlaced {
            order_id: order_id(),
            customer_id: customer(),
            items: items(),
            total_amount: 100,
            currency: Currency::EUR,
        },
    )
}

fn confirmed(id: &str) -> Envelope {
    event(
        id,
        &OrderConfirmed {
            order_id: order_id(),
            customer_id: customer(),
            items: items(),
            total_amount: 100,
            currency: Currency::EUR,
            payment_id: "pi_1".to_owned(),
        },
    )
}

fn cancelled(id: &str) -> Envelope {
    event(
        id,
        &OrderCancelled {
            order_id: order_id(),
            customer_id: customer(),
            reason: CancellationReason::OutOfStock,
            items: items(),
            total_amount: 100,
            currency: Currency::EUR,
        },
    )
}

fn stop(id: &str) -> Envelope {
    event(id, &ShipmentStopRequested { order_id: order_id() })
}

fn kept(status: &str) -> Value {
    json!({"status": status, "customerId": "cust_1", "items": [{"sku": "mug", "quantity": 2}]})
}

fn shipment() -> Key {
    Key::new("orderId", "ord_1")
}

#[test]
fn a_shipment_is_prepared_and_leaves_once_the_order_is_confirmed() {
    given(shipping::consumer())
        .when(&placed("evt_1"))
        .then_did("prepared")
        .then_item(SHIPMENTS, shipment(), kept("prepared"))
        .when(&confirmed("evt_2"))
        .then_did("shipped")
        .then_item(SHIPMENTS, shipment(), kept("shipped"))
        .then_announced(&["ShipmentPrepared", "OrderShipped"]);
}

#[test]
fn a_confirmation_that_overtakes_its_order_comes_to_the_same() {
    given(shipping::consumer())
        .after(&confirmed("evt_2"))
        .when(&placed("evt_1"))
        .then_did("shipped")
        .then_item(SHIPMENTS, shipment(), kept("shipped"))
        .then_announced(&["ShipmentPrepared", "OrderShipped"]);
}

#[test]
fn a_cancelled_order_is_never_shipped_whichever_comes_first() {
    given(shipping::consumer())
        .after(&cancelled("evt_2"))
        .when(&placed("evt_1"))
        .then_did("cancelled already")
        .then_announced(&["ShipmentCancelled"]);
    given(shipping::consumer())
        .after(&placed("evt_1"))
        .when(&cancelled("evt_2"))
        .then_succeeded()
        .then_item(SHIPMENTS, shipment(), kept("cancelled"))
        .then_announced(&["ShipmentPrepared", "ShipmentCancelled"]);
}

#[test]
fn a_stop_comes_too_late_for_what_has_left() {
    given(shipping::consumer())
        .after(&placed("evt_1"))
        .after(&confirmed("evt_2"))
        .when(&stop("evt_3"))
        .then_did("shipped already")
        .then_announced(&["ShipmentPrepared", "OrderShipped"]);
}

#[test]
fn an_order_announced_twice_under_different_ids_still_gets_one_shipment() {
    given(shipping::consumer())
        .after(&placed("evt_1"))
        .when(&placed("evt_2"))
        .then_did("prepared already")
        .then_announced(&["ShipmentPrepared"]);
}

/// Every status with every fact, and the fact once more.
#[test]
fn every_fact_in_every_status_leads_to_a_known_end_and_its_repeat_changes_nothing() {
    use Status::{Awaited, Cancelled, Confirmed, Prepared, Shipped};
    let placed = Fact::Placed { customer_id: customer(), items: items() };
    let table = [
        (Awaited, &placed, Prepared, vec![Step::Prepared(2)]),
        (Awaited, &Fact::Confirmed, Confirmed, vec![]),
        (Awaited, &Fact::Cancelled, Cancelled, vec![Step::Cancelled]),
        (Confirmed, &placed, Shipped, vec![Step::Prepared(2), Step::Shipped(customer(), 2)]),
        (Confirmed, &Fact::Confirmed, Confirmed, vec![]),
        (Confirmed, &Fact::Cancelled, Cancelled, vec![Step::Cancelled]),
        (Prepared, &placed, Prepared, vec![]),
        (Prepared, &Fact::Confirmed, Shipped, vec![Step::Shipped(customer(), 2)]),
        (Prepared, &Fact::Cancelled, Cancelled, vec![Step::Cancelled]),
        (Shipped, &placed, Shipped, vec![]),
        (Shipped, &Fact::Confirmed, Shipped, vec![]),
        (Shipped, &Fact::Cancelled, Shipped, vec![]),
        (Cancelled, &placed, Cancelled, vec![]),
        (Cancelled, &Fact::Confirmed, Cancelled, vec![]),
        (Cancelled, &Fact::Cancelled, Cancelled, vec![]),
    ];
    for (before, fact, after, steps) in table {
        let known = matches!(before, Prepared | Shipped);
        let shipment = Shipment {
            status: before,
            customer_id: known.then(customer),
            items: if known { items() } else { Vec::new() },
        };
        let (shipment, announced) = heard(shipment, fact.clone());
        assert_eq!((shipment.status, announced), (after, steps), "{before} hears {fact:?}");
        let (again, announced) = heard(shipment.clone(), fact.clone());
        assert_eq!((again, announced), (shipment, vec![]), "{before} hears {fact:?} twice");
    }
}
