//! Who is mailed what, and when not.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use aws_sdk_ses::config::{Credentials, SharedCredentialsProvider};
use email::{EMAIL, Mail, Mailer, PATIENCE};
use event_schema::{
    CancellationReason, Currency, CustomerId, CustomerRegistered, CustomerUpdated, OrderCancelled,
    OrderConfirmed, OrderId, OrderItem, OrderPlaced, OrderShipped, Sku, StoreEvent,
};
use fanfare::Envelope;
use fanfare::testing::{event, given};
use fanfare::{Consumer, Environment, Key};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

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
    let world = given(consumer())
        .after(&registered("Ada"))
        .when(&placed("evt_1"))
        .then_did("mailed \"received\"");

    assert_eq!(
        world.effects(),
        [Mail {
            to: "ada@example.com".to_owned(),
            subject: "We have your order ord_1".to_owned(),
            text: "Dear Ada,\n\nthank you for your order:\n\n  2 x mug\n\nTotal: 25.00 EUR\n\n\
                   Order ord_1"
                .to_owned(),
            html: "<!doctype html>\n<html lang=\"en\">\n<body style=\"font-family: sans-serif\">\n\
                   <p>Dear Ada,</p>\n<p>thank you for your order:</p>\n<ul>\n\
                   <li>2 × mug</li>\n</ul>\n<p>Total: <strong>25.00 EUR</strong></p>\n\
                   <p><small>Order ord_1</small></p>\n</body>\n</html>"
                .to_owned(),
        }]
    );
}

#[test]
fn every_turn_of_an_order_is_mailed_once() {
    let order_id = OrderId::new("ord_1").unwrap();
    let shipped = OrderShipped { order_id: order_id.clone(), customer_id: customer(), pieces: 2 };
    let cancelled = OrderCancelled {
        order_id: order_id.clone(),
        customer_id: customer(),
        reason: CancellationReason::PaymentDeclined,
        items: Vec::new(),
        total_amount: 2500,
        currency: Currency::EUR,
    };
    let confirmed = OrderConfirmed {
        order_id,
        customer_id: customer(),
        items: Vec::new(),
        total_amount: 2500,
        currency: Currency::EUR,
        payment_id: "pi_1".to_owned(),
    };
    let world = given(consumer())
        .after(&registered("Ada"))
        .after(&event("evt_3", &shipped))
        .after(&event("evt_2", &confirmed))
        .after(&placed("evt_1"))
        .after(&event("evt_4", &cancelled))
        .when(&event("evt_5", &shipped))
        .then_did("mailed already");

    let subjects: Vec<_> = world.effects().iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(
        subjects,
        [
            "Your order ord_1 has left",
            "Your order ord_1 is confirmed",
            "We have your order ord_1",
            "Your order ord_1 is cancelled",
        ]
    );
}

#[test]
fn what_a_customer_typed_is_no_html() {
    let world = given(consumer())
        .after(&registered("<script>alert(1)</script>"))
        .when(&placed("evt_1"))
        .then_succeeded();

    let html = &world.effects()[0].html;
    assert!(!html.contains("<script>") && html.contains("&#60;script&#62;"), "{html}");
}

#[test]
fn an_update_that_cannot_be_ordered_is_refused_for_good() {
    given(consumer())
        .when(&Envelope { version: None, ..updated("new@example.com") })
        .then_failed(true, "CustomerUpdated has no version to be ordered by");
}

#[test]
fn an_address_that_is_a_list_is_refused_for_good() {
    for bad in ["a@example.com,b@example.com", "Ada <a@example.com>", "ada", "@", "a b@example.com"]
    {
        given(consumer())
            .when(&updated(bad))
            .then_failed(true, "email is not the address of one mailbox");
    }
}

#[test]
fn an_order_that_overtakes_its_customer_waits() {
    let world = given(consumer())
        .when(&placed("evt_1"))
        .then_failed(false, "customer cust_1 is not known yet")
        .after(&registered("Ada"))
        .when(&placed("evt_1"))
        .then_did("mailed \"received\"");

    assert_eq!(world.effects().len(), 1);
}

#[test]
fn the_waits_of_eight_receives_come_to_a_quarter_of_an_hour() {
    let most = |wait: u32| PATIENCE.base.saturating_mul(1 << wait).min(PATIENCE.cap);
    let waits = (0..7).map(most).sum::<Duration>();

    // Each wait is half of that on average.
    assert!(waits / 2 >= Duration::from_secs(15 * 60), "{waits:?}");
    assert!(waits <= Duration::from_secs(31 * 60), "{waits:?}");
}

#[test]
fn a_repeat_mails_nothing_even_under_another_event_id() {
    let world = given(consumer())
        .after(&registered("Ada"))
        .after(&placed("evt_1"))
        .when(&placed("evt_1"))
        .then_did("")
        .when(&placed("evt_2"))
        .then_did("mailed already");

    assert_eq!(world.effects().len(), 1);
}

#[test]
fn an_older_address_never_overwrites_a_newer_one() {
    given(consumer())
        .after(&updated("new@example.com"))
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
    given(consumer())
        .when(&registered("Ada\r\nBcc: all@example.com"))
        .then_failed(true, "name or email holds a control character");
}

/// An SES that answers every request with a 500, which says nothing of whether it took the mail; and how often it was asked.
fn failing_ses() -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            count.fetch_add(1, Relaxed);
            let mut connection = connection.unwrap();
            let read = connection.read(&mut [0; 65_536]).unwrap();
            assert!(read > 0);
            let answer = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            connection.write_all(answer.as_bytes()).unwrap();
        }
    });
    (url, asked)
}

#[tokio::test]
async fn a_mail_that_ses_may_have_taken_is_not_asked_for_again_within_a_try() {
    let (url, asked) = failing_ses();
    let settings = [("AWS_REGION", "eu-central-1"), ("AWS_ENDPOINT_URL", &url)];
    let config = fanfare_bootstrap::aws_config(&Environment::from_iter(settings)).await.unwrap();
    let credentials = Credentials::new("key", "secret", None, None, "test");
    let credentials = SharedCredentialsProvider::new(credentials);
    let config = config.into_builder().credentials_provider(credentials).build();
    let text = "text".to_owned();
    let mail = Mail {
        to: "a@example.com".to_owned(),
        subject: text.clone(),
        text: text.clone(),
        html: text,
    };

    let sent = Mailer::new(&config, "b@example.com").send(mail).await;

    assert!(sent.is_err(), "it was not taken, as far as is known");
    assert_eq!(asked.load(Relaxed), 1);
}
