//! The consumer as the runtime sees it: what is asked of the gateway, remembered and announced.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use event_schema::{
    CancellationReason, Currency, CustomerId, InventoryReserved, OrderCancellationRequested,
    OrderCancelled, OrderId, OrderPlaced, OrderTimedOut, PaymentFailed, PaymentProcessed,
    RefundRequested, StoreEvent,
};
use fanfare::Envelope;
use fanfare::testing::{Given, Then, event};
use fanfare::{Failure, Key};
use payment::{Answer, Ask, Gateway, PAYMENTS, Request};
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Mutex;

/// The key of the order's one charge.
const CHARGE: &str = "charge:ord_1";

/// A gateway that answers what it was told to, in order.
struct Script(Mutex<VecDeque<Result<Answer, Failure>>>);

impl Gateway for Script {
    async fn ask(&self, _: Request) -> Result<Answer, Failure> {
        self.0.lock().unwrap().pop_front().unwrap()
    }
}

fn given(answers: impl IntoIterator<Item = Result<Answer, Failure>>) -> Given<StoreEvent, Request> {
    fanfare::testing::given(payment::consumer(Script(Mutex::new(answers.into_iter().collect()))))
}

fn order() -> OrderId {
    OrderId::new("ord_1").unwrap()
}

fn customer() -> CustomerId {
    CustomerId::new("cust_1").unwrap()
}

fn key() -> Key {
    Key::new("orderId", "ord_1")
}

fn placed() -> Envelope {
    let payload = OrderPlaced {
        order_id: order(),
        customer_id: customer(),
        items: Vec::new(),
        total_amount: 2500,
        currency: Currency::EUR,
    };
    event("evt_placed", &payload)
}

fn reserved() -> Envelope {
    event("evt_reserved", &InventoryReserved { order_id: order(), items: Vec::new() })
}

fn cancelled() -> Envelope {
    let payload = OrderCancelled {
        order_id: order(),
        customer_id: customer(),
        reason: CancellationReason::CustomerRequest,
        items: Vec::new(),
        total_amount: 2500,
        currency: Currency::EUR,
    };
    event("evt_cancelled", &payload)
}

fn refund_requested() -> Envelope {
    let payload = RefundRequested {
        order_id: order(),
        payment_id: "pi_1".to_owned(),
        amount: 2500,
        currency: Currency::EUR,
    };
    event("evt_refund", &payload)
}

fn charged() -> Result<Answer, Failure> {
    Ok(Answer::Charged { payment_id: "pi_1".to_owned() })
}

fn processed() -> PaymentProcessed {
    PaymentProcessed {
        order_id: order(),
        payment_id: "pi_1".to_owned(),
        amount: 2500,
        currency: Currency::EUR,
    }
}

fn asked(world: &Then<StoreEvent, Request>) -> Vec<(&str, &Ask)> {
    world.effects().iter().map(|request| (request.key.as_str(), &request.ask)).collect()
}

#[test]
fn an_order_is_charged_once_it_is_known_and_reserved() {
    for [first, second] in [[placed(), reserved()], [reserved(), placed()]] {
        let world = given([charged()])
            .after(&first)
            .when(&second)
            .then_did("charged")
            .then_announced_exactly(&[processed()])
            .then_item(
                PAYMENTS,
                key(),
                json!({
                    "due": {"customerId": "cust_1", "amount": 2500, "currency": "EUR"},
                    "reserved": true,
                    "since": "2024-01-15T10:30:00Z",
                    "cancelled": false,
                    "outcome": {"kind": "charged", "paymentId": "pi_1"},
                }),
            )
            .when(&second)
            .then_did("");

        assert_eq!(asked(&world), [(CHARGE, &Ask::Charge)]);
    }
}

#[test]
fn a_declined_charge_is_announced() {
    given([Ok(Answer::Declined { reason: "card_declined".to_owned() })])
        .after(&placed())
        .when(&reserved())
        .then_did("declined")
        .then_announced_exactly(&[PaymentFailed {
            order_id: order(),
            reason: "card_declined".to_owned(),
        }]);
}

#[test]
fn a_charge_of_unknown_outcome_is_asked_for_again_under_the_same_key() {
    let world = given([Err(Failure::unknown("no answer")), charged()])
        .after(&placed())
        .when(&reserved())
        .then_failed(false, "no answer")
        .when(&reserved())
        .then_did("charged")
        .then_announced_exactly(&[processed()]);

    let charge = (CHARGE, &Ask::Charge);
    assert_eq!(asked(&world), [charge, charge]);
}

#[test]
fn an_objection_before_the_charge_makes_sure_that_there_is_none() {
    let objections = [
        event("evt_asked", &OrderCancellationRequested { order_id: order() }),
        event("evt_late", &OrderTimedOut { order_id: order() }),
    ];
    for objection in objections {
        let world = given([Ok(Answer::Withdrawn), Ok(Answer::Withdrawn)])
            .after(&placed())
            .when(&objection)
            .then_did("will not be charged")
            .when(&reserved())
            .then_did("made sure not to charge")
            .then_announced_exactly::<PaymentProcessed>(&[])
            .when(&cancelled())
            .then_did("was settled already")
            .then_announced_exactly::<PaymentProcessed>(&[]);

        assert_eq!(asked(&world), [(CHARGE, &Ask::Withdraw), (CHARGE, &Ask::Withdraw)]);
    }
}

/// The scenario of a gateway that charged and is away since: the reservation's message is dead by the time that the
/// order is cancelled, and nobody need send it again.
#[test]
fn a_cancellation_brings_to_light_what_a_dead_message_charged() {
    let world = given([Err(Failure::unknown("no answer")), charged(), charged()])
        .after(&placed())
        .when(&reserved())
        .then_failed(false, "no answer")
        .when(&cancelled())
        .then_did("had charged a cancelled order")
        .then_announced_exactly(&[processed()])
        .when(&reserved())
        .then_did("was settled already")
        .then_announced_exactly(&[processed()]);

    assert_eq!(asked(&world)[..2], [(CHARGE, &Ask::Charge), (CHARGE, &Ask::Withdraw)]);
}

#[test]
fn a_cancellation_waits_for_a_gateway_that_is_away() {
    let world = given([Err(Failure::unavailable("gateway", "away")), Ok(Answer::Withdrawn)])
        .after(&placed())
        .when(&cancelled())
        .then_failed(false, "away")
        .when(&cancelled())
        .then_did("made sure not to charge")
        .then_announced_exactly::<PaymentProcessed>(&[]);

    assert_eq!(asked(&world).len(), 2);
}

#[test]
fn a_charge_of_unknown_outcome_comes_to_light_when_the_order_was_cancelled_meanwhile() {
    let world = given([Err(Failure::unknown("no answer")), charged()])
        .after(&placed())
        .when(&reserved())
        .then_failed(false, "no answer")
        .after(&event("evt_late", &OrderTimedOut { order_id: order() }))
        .when(&reserved())
        .then_did("had charged a cancelled order")
        .then_announced_exactly(&[processed()]);

    assert_eq!(asked(&world)[1], (CHARGE, &Ask::Withdraw));
}

#[test]
fn what_was_charged_is_given_back_when_checkout_asks() {
    let refunded = Answer::Refunded { payment_id: "pi_1".to_owned() };
    let world = given([charged(), charged(), Ok(refunded)])
        .after(&placed())
        .after(&reserved())
        .when(&cancelled())
        .then_did("was settled already")
        .when(&refund_requested())
        .then_did("refunded")
        .then_announced(&["PaymentProcessed", "PaymentRefunded"]);

    let refund = Ask::Refund { payment_id: "pi_1".to_owned() };
    assert_eq!(asked(&world)[2], ("evt_refund", &refund));
}

#[test]
fn a_refund_that_is_asked_for_too_early_waits() {
    given([]).when(&refund_requested()).then_failed(
        false,
        "the order's payment is not settled yet: there is nothing to give back",
    );
}
