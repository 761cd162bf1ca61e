//! What the API shows, made of events and ledger records.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use api::{Subscriptions, expected, trace, view};
use consumer::ledger::{Outcome, Record};
use event_schema::{
    Currency, CustomerId, Envelope, EventId, EventType, InventoryReservationFailed, OrderId,
    OrderItem, OrderPlaced, ShipmentPrepared, Sku, Timestamp,
};
use serde_json::json;
use std::collections::HashMap;

const PLACED_AT: &str = "2024-01-15T10:30:00Z";

fn event<E: EventType>(id: &str, at: &str, payload: &E) -> Envelope {
    Envelope::wrap(payload, EventId::new(id).unwrap(), at.parse().unwrap()).unwrap()
}

fn order_id() -> OrderId {
    OrderId::new("ord_1").unwrap()
}

fn placed() -> Envelope {
    let order = OrderPlaced {
        order_id: order_id(),
        customer_id: CustomerId::new("cust_1").unwrap(),
        items: vec![OrderItem { sku: Sku::new("mug").unwrap(), quantity: 2, unit_price: Some(5) }],
        total_amount: 10,
        currency: Currency::EUR,
    };
    event("evt_1", PLACED_AT, &order)
}

fn later_events() -> [Envelope; 2] {
    let failed =
        InventoryReservationFailed { order_id: order_id(), short: vec![Sku::new("mug").unwrap()] };
    let prepared = ShipmentPrepared { order_id: order_id(), pieces: 2 };
    [
        event("evt_2", "2024-01-15T10:30:01Z", &failed),
        event("evt_3", "2024-01-15T10:30:02Z", &prepared),
    ]
}

#[test]
fn an_order_is_the_sum_of_its_events_in_any_order() {
    let [failed, prepared] = later_events();
    let shown = json!({
        "orderId": "ord_1", "customerId": "cust_1", "status": "rejected", "shipment": "prepared",
        "items": [{"sku": "mug", "quantity": 2, "unitPrice": 5}], "totalAmount": 10, "currency": "EUR",
        "short": ["mug"], "placedAt": PLACED_AT, "updatedAt": "2024-01-15T10:30:02Z",
    });
    for events in [
        vec![placed(), failed.clone(), prepared.clone()],
        vec![prepared.clone(), placed(), failed.clone()],
        vec![failed.clone(), prepared.clone(), placed()],
    ] {
        assert_eq!(json!(view(&events).unwrap()), shown);
    }
}

#[test]
fn there_is_no_order_without_its_placement() {
    assert_eq!(view(&later_events()).unwrap(), None);
}

#[test]
fn a_trace_shows_every_subscribed_consumer_done_or_not() {
    let subscriptions =
        Subscriptions::parse("S", "email=OrderPlaced;inventory=OrderPlaced;other=Else").unwrap();
    let at: Timestamp = "2024-01-15T10:30:00.250Z".parse().unwrap();
    let record = Record {
        id: "email#evt_1".to_owned(),
        outcome: Outcome::Done,
        did: Some("mailed".to_owned()),
        error: None,
        attempts: 2,
        first_seen_at: at,
        finished_at: at,
        duration_micros: 1500,
        traceparent: None,
        digest: None,
        failures: Vec::new(),
        token: None,
        lease_until: None,
        effect: None,
        expires_at: 0,
    };
    let records = HashMap::from([(record.id.clone(), record)]);

    let shown = json!(trace(order_id(), &[placed()], &subscriptions, &records));

    assert_eq!(expected(&[placed()], &subscriptions), ["email#evt_1", "inventory#evt_1"]);
    assert_eq!(
        shown["events"][0]["consumers"],
        json!([
            {"consumer": "email", "outcome": "done", "attempts": 2, "did": "mailed", "afterMs": 250,
             "durationMs": 1.5, "firstSeenAt": "2024-01-15T10:30:00.25Z",
             "finishedAt": "2024-01-15T10:30:00.25Z"},
            {"consumer": "inventory", "outcome": "pending", "attempts": 0},
        ])
    );
}

#[test]
fn a_malformed_list_of_subscriptions_is_refused() {
    let error = Subscriptions::parse("SUBSCRIPTIONS", "email").expect_err("no types");
    assert!(error.to_string().starts_with("environment variable SUBSCRIPTIONS"), "{error}");
}
