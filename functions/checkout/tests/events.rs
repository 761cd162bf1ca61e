//! From events to events.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use event_schema::{
    CancellationReason, Currency, CustomerId, InventoryReservationFailed,
    OrderCancellationRequested, OrderCancelled, OrderConfirmed, OrderId, OrderItem, OrderPlaced,
    PaymentProcessed, Sku,
};
use fanfare::Envelope;
use fanfare::testing::{event, given};
use read_models::sagas;
use serde_json::json;

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
