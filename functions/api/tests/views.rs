//! What the API shows, made of events and ledger records.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use api::{Cancellation, OrderTrace, Subscriptions, cancellation, view, view_at};
use event_schema::{
    CancellationReason, Currency, CustomerId, InventoryReservationFailed, InventoryReserved,
    OrderCancellationRequested, OrderCancelled, OrderConfirmed, OrderId, OrderItem, OrderPlaced,
    OrderShipped, PaymentProcessed, PaymentRefunded, ShipmentCancelled, ShipmentPrepared, Sku,
};
use fanfare::{Envelope, Event, EventId, EventType};
use fanfare_trace::put_together;
use proptest::prelude::*;
use read_models::order_facts::OrderFacts;
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
        "orderId": "ord_1", "customerId": "cust_1", "status": "placed", "shipment": "prepared",
        "cancellationRequested": false, "refunded": false,
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

fn cancelled(reason: CancellationReason) -> OrderCancelled {
    OrderCancelled {
        order_id: order_id(),
        customer_id: CustomerId::new("cust_1").unwrap(),
        reason,
        items: Vec::new(),
        total_amount: 10,
        currency: Currency::EUR,
    }
}

/// An order that was paid for, and then cancelled by its customer: an event a second.
fn whole_life() -> Vec<Envelope> {
    let (payment_id, currency) = ("pay_1".to_owned(), Currency::EUR);
    let reserved = InventoryReserved { order_id: order_id(), items: Vec::new() };
    let paid = PaymentProcessed {
        order_id: order_id(),
        payment_id: payment_id.clone(),
        amount: 10,
        currency,
    };
    let confirmed = OrderConfirmed {
        order_id: order_id(),
        customer_id: CustomerId::new("cust_1").unwrap(),
        items: Vec::new(),
        total_amount: 10,
        currency,
        payment_id: payment_id.clone(),
    };
    let refunded = PaymentRefunded { order_id: order_id(), payment_id, amount: 10, currency };
    vec![
        placed(),
        event("evt_2", "2024-01-15T10:30:01Z", &reserved),
        event("evt_3", "2024-01-15T10:30:02Z", &paid),
        event("evt_4", "2024-01-15T10:30:03Z", &confirmed),
        event(
            "evt_5",
            "2024-01-15T10:30:04Z",
            &OrderCancellationRequested { order_id: order_id() },
        ),
        event("evt_6", "2024-01-15T10:30:05Z", &ShipmentCancelled { order_id: order_id() }),
        event("evt_7", "2024-01-15T10:30:06Z", &cancelled(CancellationReason::CustomerRequest)),
        event("evt_8", "2024-01-15T10:30:07Z", &refunded),
    ]
}

#[test]
fn an_order_is_shown_as_it_was_at_any_time() {
    let events = whole_life();
    let status = |at: &str| {
        let view = view_at(&events, at.parse().unwrap()).unwrap();
        view.map(|view| json!(view)).map(|view| {
            (
                view["status"].clone(),
                view["cancellationRequested"] == true,
                view["refunded"] == true,
            )
        })
    };
    let expected = [
        ("10:30:00Z", "placed", false, false),
        ("10:30:01Z", "reserved", false, false),
        ("10:30:01.999Z", "reserved", false, false),
        ("10:30:02Z", "paid", false, false),
        ("10:30:03Z", "confirmed", false, false),
        ("10:30:04Z", "confirmed", true, false),
        ("10:30:06Z", "cancelled", true, false),
        ("10:30:07Z", "cancelled", true, true),
    ];
    for (time, shown, requested, refunded) in expected {
        let at = format!("2024-01-15T{time}");
        assert_eq!(status(&at), Some((json!(shown), requested, refunded)), "{at}");
    }
    assert_eq!(status("2024-01-15T10:29:59Z"), None);
    let now = json!(view(&events).unwrap());
    assert_eq!(now["cancellationReason"], "customer-request");
    assert_eq!(now["shipment"], "cancelled");
}

proptest! {
    #[test]
    fn an_order_does_not_hang_on_the_order_of_its_events_nor_on_repeats(
        arrival in Just((0..whole_life().len()).collect::<Vec<_>>()).prop_shuffle(),
        repeats in prop::collection::vec(0..8_usize, 0..8),
    ) {
        let life = whole_life();
        let arrived: Vec<_> = repeats.iter().chain(&arrival).map(|n| life[*n].clone()).collect();
        prop_assert_eq!(view(&arrived).unwrap(), view(&life).unwrap());
    }
}

fn facts(events: &[Envelope]) -> OrderFacts {
    let mut facts = OrderFacts::default();
    events.iter().for_each(|event| facts.add(&Event::from_envelope(event).unwrap()));
    facts
}

#[test]
fn an_order_can_be_cancelled_until_it_is_shipped_and_asking_again_is_no_conflict() {
    let life = whole_life();
    for known in 1..5 {
        let asked = cancellation(&facts(life.get(..known).unwrap()));
        assert_eq!(asked, Ok(Cancellation::Possible), "after {known} events");
    }
    for known in 5..9 {
        let asked = cancellation(&facts(life.get(..known).unwrap()));
        assert_eq!(asked, Ok(Cancellation::Requested), "after {known} events");
    }
}

#[test]
fn an_order_that_is_shipped_or_was_cancelled_by_others_is_a_conflict() {
    let shipped = OrderShipped {
        order_id: order_id(),
        customer_id: CustomerId::new("cust_1").unwrap(),
        pieces: 2,
    };
    let shipped = event("evt_9", "2024-01-15T10:30:08Z", &shipped);
    let timed_out = cancelled(CancellationReason::TimedOut);
    let timed_out = event("evt_9", "2024-01-15T10:30:08Z", &timed_out);
    for (last, detail) in [
        (shipped, "the order has been shipped"),
        (timed_out, "the order was cancelled already: timed-out"),
    ] {
        let problem = cancellation(&facts(&[placed(), last])).expect_err(detail);
        assert_eq!((problem.status, problem.detail.as_str()), (409, detail));
        assert_eq!(problem.field.as_deref(), Some("orderId"));
    }
}

#[test]
fn a_trace_of_an_order_is_told_by_the_order_s_id() {
    let subscriptions = Subscriptions::parse("S", "email=OrderPlaced;other=Else").unwrap();

    let trace = put_together("ord_1", &[placed()], &subscriptions, &HashMap::new());

    let pending = json!({"consumer": "email", "outcome": "pending", "attempts": 0});
    assert_eq!(
        json!(OrderTrace::from(trace)),
        json!({"orderId": "ord_1", "events": [{
            "eventId": "evt_1", "eventType": "OrderPlaced", "timestamp": PLACED_AT, "consumers": [pending]
        }]})
    );
}
