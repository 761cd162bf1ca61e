//! From events to events.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use event_schema::{
    CancellationReason, Currency, CustomerId, InventoryReservationFailed,
    OrderCancellationRequested, OrderCancelled, OrderConfirmed, OrderId, OrderItem, OrderPlaced,
    OrderTimedOut, PaymentProcessed, PaymentRefunded, RefundPending, Sku,
};
use fanfare::Envelope;
use fanfare::testing::{event, given};
use read_models::sagas;
use serde_json::{Value, json};

fn order_id() -> OrderId {
    OrderId::new("ord_1").unwrap()
}

fn items() -> Vec<OrderItem> {
    vec![OrderItem { sku: Sku::new("mug").unwrap(), quantity: 2, unit_price: None }]
}

fn placed(id: &str) -> Envelope {
    let order = OrderPlaced {
        order_id: order_id(),
        customer_id: CustomerId::new("cust_1").unwrap(),
        items: items(),
        total_amount: 2500,
        currency: Currency::EUR,
    };
    event(id, &order)
}

fn paid(id: &str) -> Envelope {
    let payment = PaymentProcessed {
        order_id: order_id(),
        payment_id: "pi_1".to_owned(),
        amount: 2500,
        currency: Currency::EUR,
    };
    event(id, &payment)
}

#[test]
fn a_payment_that_overtakes_its_order_still_confirms_it() {
    given(checkout::consumer())
        .when(&paid("evt_2"))
        .then_did("open")
        .when(&placed("evt_1"))
        .then_did("confirmed")
        .then_announced_exactly(&[OrderConfirmed {
            order_id: order_id(),
            customer_id: CustomerId::new("cust_1").unwrap(),
            items: items(),
            total_amount: 2500,
            currency: Currency::EUR,
            payment_id: "pi_1".to_owned(),
        }]);
}

#[test]
fn an_order_that_cannot_be_met_is_cancelled_and_its_saga_no_longer_watched() {
    let short =
        InventoryReservationFailed { order_id: order_id(), short: vec![Sku::new("mug").unwrap()] };
    given(checkout::consumer())
        .after(&placed("evt_1"))
        .when(&event("evt_2", &short))
        .then_did("cancelled")
        .then_announced_exactly(&[OrderCancelled {
            order_id: order_id(),
            customer_id: CustomerId::new("cust_1").unwrap(),
            reason: CancellationReason::OutOfStock,
            items: items(),
            total_amount: 2500,
            currency: Currency::EUR,
        }])
        .then_item(
            sagas::TABLE,
            sagas::key("ord_1"),
            json!({
                "phase": "cancelled",
                "objection": "out-of-stock",
                "order": {
                    "customerId": "cust_1",
                    "items": [{"sku": "mug", "quantity": 2}],
                    "totalAmount": 2500,
                    "currency": "EUR",
                    "placedAt": "2024-01-15T10:30:00Z",
                },
            }),
        );
}

#[test]
fn a_cancelled_order_that_was_charged_is_refunded() {
    given(checkout::consumer())
        .after(&placed("evt_1"))
        .after(&event("evt_2", &OrderCancellationRequested { order_id: order_id() }))
        .when(&paid("evt_3"))
        .then_succeeded()
        .then_announced(&["OrderCancelled", "RefundRequested"])
        .when(&paid("evt_4"))
        .then_did("knew that")
        .then_announced(&["OrderCancelled", "RefundRequested"]);
}

/// When the events of these tests happened.
const THEN: i64 = 1_705_314_600_000;

fn confirmed() -> Value {
    json!({
        "phase": "confirmed",
        "order": {
            "customerId": "cust_1",
            "items": [{"sku": "mug", "quantity": 2}],
            "totalAmount": 2500,
            "currency": "EUR",
            "placedAt": "2024-01-15T10:30:00Z",
        },
        "payment": {"paymentId": "pi_1", "amount": 2500, "currency": "EUR"},
    })
}

fn with(mut saga: Value, more: Value) -> Value {
    if let (Value::Object(saga), Value::Object(more)) = (&mut saga, more) {
        saga.extend(more);
    }
    saga
}

#[test]
fn a_confirmed_order_is_watched_until_its_shipment_leaves() {
    let marked = with(confirmed(), json!({"open": "shipment-5", "openSince": THEN}));
    given(checkout::consumer())
        .after(&placed("evt_1"))
        .when(&paid("evt_2"))
        .then_did("confirmed")
        .then_item(sagas::TABLE, sagas::key("ord_1"), marked);
}

/// The sweep has taken the mark away: it has told of the order, and is not to tell of it again.
#[test]
fn a_mark_that_the_sweep_took_away_stays_away_while_the_wait_is_the_same() {
    let cancel = OrderCancellationRequested { order_id: order_id() };
    let stopping = json!({"phase": "stopping", "objection": "customer-request"});
    given(checkout::consumer())
        .item(sagas::TABLE, sagas::key("ord_1"), with(confirmed(), json!({"revision": 3})))
        .when(&event("evt_3", &cancel))
        .then_did("stopping")
        .then_item(sagas::TABLE, sagas::key("ord_1"), with(confirmed(), stopping));
}

/// Its order was never heard of. The time-out was, and there is nothing more to say to it.
#[test]
fn an_order_that_has_heard_that_it_timed_out_is_not_watched_any_more() {
    given(checkout::consumer())
        .after(&paid("evt_1"))
        .when(&event("evt_2", &OrderTimedOut { order_id: order_id() }))
        .then_did("open")
        .then_item(
            sagas::TABLE,
            sagas::key("ord_1"),
            json!({
                "phase": "open",
                "objection": "timed-out",
                "payment": {"paymentId": "pi_1", "amount": 2500, "currency": "EUR"},
            }),
        );
}

#[test]
fn a_pending_refund_is_watched_until_the_money_is_given_back() {
    let (payment_id, currency) = ("pi_1".to_owned(), Currency::EUR);
    let pending = RefundPending {
        order_id: order_id(),
        payment_id: payment_id.clone(),
        amount: 2500,
        currency,
    };
    let refunded = PaymentRefunded { order_id: order_id(), payment_id, amount: 2500, currency };
    let cancelled = json!({
        "phase": "cancelled", "objection": "customer-request", "refundRequested": true,
        "refundPending": "2024-01-15T10:30:00Z",
    });
    let cancelled = with(confirmed(), cancelled);
    let watched = json!({"open": "refund-5", "openSince": THEN});
    given(checkout::consumer())
        .after(&placed("evt_1"))
        .after(&event("evt_2", &OrderCancellationRequested { order_id: order_id() }))
        .after(&paid("evt_3"))
        .when(&event("evt_4", &pending))
        .then_did("cancelled")
        .then_item(sagas::TABLE, sagas::key("ord_1"), with(cancelled.clone(), watched))
        .when(&event("evt_5", &refunded))
        .then_did("cancelled")
        .then_item(sagas::TABLE, sagas::key("ord_1"), with(cancelled, json!({"refunded": true})));
}
