//! Orders become shipments.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use consumer::Key;
use consumer::testing::{World, event};
use event_schema::{Currency, CustomerId, OrderId, OrderItem, OrderPlaced, ShipmentPrepared, Sku};
use serde_json::json;
use shipping::SHIPMENTS;

fn order() -> OrderPlaced {
    OrderPlaced {
        order_id: OrderId::new("ord_1").unwrap(),
        customer_id: CustomerId::new("cust_1").unwrap(),
        items: vec![OrderItem { sku: Sku::new("mug").unwrap(), quantity: 2, unit_price: None }],
        total_amount: 100,
        currency: Currency::EUR,
    }
}

fn prepared() -> ShipmentPrepared {
    ShipmentPrepared { order_id: OrderId::new("ord_1").unwrap(), pieces: 2 }
}

#[test]
fn an_order_gets_a_shipment() {
    World::given(shipping::consumer())
        .when(&event("evt_1", &order()))
        .then_did("prepared 2")
        .then_item(
            SHIPMENTS,
            Key::new("orderId", "ord_1"),
            json!({"customerId": "cust_1", "status": "prepared",
                   "items": [{"sku": "mug", "quantity": 2}]}),
        )
        .then_emitted(&[prepared()]);
}

#[test]
fn an_order_announced_twice_under_different_ids_still_gets_one_shipment() {
    World::given(shipping::consumer())
        .when(&event("evt_1", &order()))
        .when(&event("evt_2", &order()))
        .then_did("prepared already")
        .then_emitted(&[prepared()]);
}
