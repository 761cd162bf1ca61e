//! Who is mailed what, and when not.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use consumer::testing::{World, event};
use consumer::{Consumer, Key};
use email::{EMAIL, Mail};
use event_schema::{
    Currency, CustomerId, CustomerRegistered, CustomerUpdated, Envelope, OrderId, OrderItem,
    OrderPlaced, Sku, StoreEvent,
};
use serde_json::json;

fn consumer() -> Consumer<StoreEvent, Mail> {
    email::consumer(|_| async { Ok(()) })
}

fn customer() -> CustomerId {
    CustomerId::new("cust_1").unwrap()
}

fn registered(name: &str) -> Envelope {
    let payload = CustomerRegistered {
        customer_id: customer(),
        name: name.to_owned(),
        email: "ada@example.com".to_owned(),
    };
    Envelope { version: Some(1), ..event("evt_registered", &payload) }
}

fn updated(email: &str) -> Envelope {
    let payload = CustomerUpdated {
        customer_id: customer(),
        name: "Ada".to_owned(),
        email: email.to_owned(),
    };
    Envelope { version: Some(2), ..event("evt_updated", &payload) }
}

fn placed(event_id: &str) -> Envelope {
    event(
        event_id,
        &OrderPlaced {
            order_id: OrderId::new("ord_1").unwrap(),
            customer_id: customer(),
            items: vec![OrderItem { sku: Sku::new("mug").unwrap(), quantity: 2, unit_price: None }],
            total_amount: 2500,
            currency: Currency::EUR,
        },
    )
}

#[test]
fn a_customer_is_told_that_the_order_has_arrived() {
    let world = World::given(consumer())
        .when(&registered("Ada"))
        .when(&placed("evt_1"))
        .then_did("mailed \"received\"");

    assert_eq!(
        world.effects(),
        [Mail {
            to: "ada@example.com".to_owned(),
            subject: "We have your order ord_1".to_owned(),
            text: "Dear Ada,\n\nthank you for your order:\n\n  2 x mug\n\nTotal: 25.00 EUR\n"
                .to_owned(),
        }]
    );
}

#[test]
fn an_order_that_overtakes_its_customer_waits() {
    let world = World::given(consumer())
        .when(&placed("evt_1"))
        .then_failed(false, "customer cust_1 is not known yet")
        .when(&registered("Ada"))
        .when(&placed("evt_1"))
        .then_did("mailed \"received\"");

    assert_eq!(world.effects().len(), 1);
}

#[test]
fn a_repeat_mails_nothing_even_under_another_event_id() {
    let world = World::given(consumer())
        .when(&registered("Ada"))
        .when(&placed("evt_1"))
        .when(&placed("evt_1"))
        .then_did("")
        .when(&placed("evt_2"))
        .then_did("mailed already");

    assert_eq!(world.effects().len(), 1);
}

#[test]
fn an_older_address_never_overwrites_a_newer_one() {
    World::given(consumer())
        .when(&updated("new@example.com"))
        .when(&registered("Ada"))
        .then_did("knew a newer contact")
        .then_item(
            EMAIL,
            Key::new("id", "contact#cust_1"),
            json!({"name": "Ada", "email": "new@example.com", "version": 2}),
        );
}

#[test]
fn a_name_that_would_forge_a_header_is_refused_for_good() {
    World::given(consumer())
        .when(&registered("Ada\r\nBcc: all@example.com"))
        .then_failed(true, "name or email holds a control character");
}
