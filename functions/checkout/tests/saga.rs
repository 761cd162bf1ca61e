//! The saga as a pure function: every fact in every state, in every order, any number of times.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use checkout::saga::{Decision, Fact, Order, Payment, Phase, Saga, heard};
use event_schema::{CancellationReason, Currency, CustomerId, OrderItem, Sku};
use fanfare::Timestamp;
use proptest::prelude::*;
use std::collections::{BTreeSet, VecDeque};

fn order() -> Order {
    Order {
        customer_id: CustomerId::new("cust_1").unwrap(),
        items: vec![OrderItem { sku: Sku::new("mug").unwrap(), quantity: 2, unit_price: None }],
        total_amount: 100,
        currency: Currency::EUR,
        placed_at: Timestamp::UNIX_EPOCH,
    }
}

fn payment() -> Payment {
    Payment { payment_id: "pi_1".to_owned(), amount: 100, currency: Currency::EUR }
}

const REASONS: [CancellationReason; 4] = [
    CancellationReason::OutOfStock,
    CancellationReason::PaymentDeclined,
    CancellationReason::CustomerRequest,
    CancellationReason::TimedOut,
];

fn facts() -> Vec<Fact> {
    let mut facts = vec![
        Fact::Placed(order()),
        Fact::Paid(payment()),
        Fact::Shipped,
        Fact::ShipmentCancelled,
        Fact::RefundPending(Timestamp::UNIX_EPOCH),
        Fact::Refunded,
    ];
    facts.extend(REASONS.map(Fact::Objection));
    facts
}

/// Lets a new saga hear facts one after another.
fn after(facts: &[Fact]) -> (Saga, Vec<Decision>) {
    let mut saga = Saga::default();
    let mut decisions = Vec::new();
    for fact in facts {
        let (next, more) = heard(saga, fact.clone());
        saga = next;
        decisions.extend(more);
    }
    (saga, decisions)
}

#[test]
fn a_paid_order_is_confirmed_and_ends_shipped() {
    let placed = Fact::Placed(order());
    let (saga, decisions) = after(&[placed.clone(), Fact::Paid(payment()), Fact::Shipped]);
    assert_eq!((saga.phase, decisions), (Phase::Shipped, vec![Decision::Confirm]));
    let (saga, decisions) = after(&[Fact::Paid(payment()), placed]);
    assert_eq!((saga.phase, decisions), (Phase::Confirmed, vec![Decision::Confirm]));
}

#[test]
fn any_objection_to_an_open_order_cancels_it_and_a_later_payment_is_given_back() {
    for reason in REASONS {
        let facts = [Fact::Placed(order()), Fact::Objection(reason), Fact::Paid(payment())];
        let (saga, decisions) = after(&facts);
        assert_eq!(saga.phase, Phase::Cancelled);
        assert_eq!(decisions, [Decision::Cancel(reason), Decision::Refund]);
    }
}

#[test]
fn a_confirmed_order_is_cancelled_once_its_shipment_is_stopped_and_not_if_it_has_left() {
    let cancel = Fact::Objection(CancellationReason::CustomerRequest);
    let confirmed = [Fact::Placed(order()), Fact::Paid(payment()), cancel];
    let stopped = after(&[&confirmed[..], &[Fact::ShipmentCancelled]].concat());
    assert_eq!(stopped.0.phase, Phase::Cancelled);
    assert_eq!(
        stopped.1,
        [
            Decision::Confirm,
            Decision::StopShipment,
            Decision::Cancel(CancellationReason::CustomerRequest),
            Decision::Refund,
        ]
    );
    let left = after(&[&confirmed[..], &[Fact::Shipped]].concat());
    assert_eq!(left.0.phase, Phase::Shipped);
    assert_eq!(left.1, [Decision::Confirm, Decision::StopShipment]);
}

#[test]
fn a_confirmed_order_does_not_time_out() {
    let (saga, decisions) = after(&[
        Fact::Placed(order()),
        Fact::Paid(payment()),
        Fact::Objection(CancellationReason::TimedOut),
        Fact::Shipped,
    ]);
    assert_eq!((saga.phase, decisions), (Phase::Shipped, vec![Decision::Confirm]));
}

/// Every state that any facts lead to in any order, with every fact. What was decided on the way is part of a state: the
/// rules are about that too.
#[test]
fn every_fact_in_every_state_keeps_the_rules() {
    let facts = facts();
    let mut reached = BTreeSet::new();
    let mut to_visit = VecDeque::from([(Vec::new(), Saga::default(), Vec::new())]);
    while let Some((path, saga, decisions)) = to_visit.pop_front() {
        for fact in &facts {
            let (next, more) = heard(saga.clone(), fact.clone());
            let decisions = [&decisions[..], &more].concat();
            let path = [&path[..], std::slice::from_ref(fact)].concat();
            check(&path, &next, &decisions);
            let again = heard(next.clone(), fact.clone());
            assert_eq!(again, (next.clone(), vec![]), "{path:?}, the last twice");
            if reached.insert(format!("{next:?} {decisions:?}")) {
                to_visit.push_back((path, next, decisions));
            }
        }
    }
    for phase in ["Open", "Confirmed", "Stopping", "Shipped", "Cancelled"] {
        let phase = format!("phase: {phase}");
        assert!(reached.iter().any(|state| state.contains(&phase)), "{phase} is never reached");
    }
}

/// The rules: what was decided fits the phase, and nothing is decided twice.
fn check(facts: &[Fact], saga: &Saga, decisions: &[Decision]) {
    let count = |wanted: fn(&Decision) -> bool| decisions.iter().filter(|d| wanted(d)).count();
    let confirmed = count(|d| matches!(d, Decision::Confirm));
    let cancelled = count(|d| matches!(d, Decision::Cancel(_)));
    let refunded = count(|d| matches!(d, Decision::Refund));
    let stopped = count(|d| matches!(d, Decision::StopShipment));
    assert!(confirmed <= 1 && cancelled <= 1 && refunded <= 1 && stopped <= 1, "{facts:?}");
    assert_eq!(saga.phase == Phase::Cancelled, cancelled == 1, "{facts:?}");
    let is_charged_for_nothing = cancelled == 1 && saga.payment.is_some();
    assert_eq!(refunded == 1, is_charged_for_nothing, "{facts:?}");
    if matches!(saga.phase, Phase::Confirmed | Phase::Stopping | Phase::Shipped) {
        assert!(confirmed == 1 && saga.payment.is_some(), "{facts:?}");
    }
    let is_settleable =
        saga.order.is_some() && (saga.payment.is_some() || saga.objection.is_some());
    assert!(saga.phase != Phase::Open || !is_settleable, "{facts:?} leave it open");
}

proptest! {
    /// What a store can say of one order, in any order of arrival and with repeats, ends the order the same way,
    /// but for the race of the customer's cancel with the payment.
    #[test]
    fn repeats_and_the_order_of_arrival_do_not_change_the_end(
        paid in any::<bool>(),
        reason in prop::sample::select(REASONS[..2].to_vec()),
        order_of_arrival in prop::collection::vec(0_usize..2, 2..12),
    ) {
        let outcome = if paid { Fact::Paid(payment()) } else { Fact::Objection(reason) };
        let both = [Fact::Placed(order()), outcome];
        let facts: Vec<Fact> =
            order_of_arrival.iter().chain(&[0, 1]).map(|n| both[*n].clone()).collect();
        let (saga, decisions) = after(&facts);
        let (phase, decision) = match paid {
            true => (Phase::Confirmed, Decision::Confirm),
            false => (Phase::Cancelled, Decision::Cancel(reason)),
        };
        prop_assert_eq!(saga.phase, phase);
        prop_assert_eq!(decisions, vec![decision]);
    }
}

#[test]
fn each_word_of_a_pending_refund_is_news_also_by_a_clock_that_is_behind() {
    let pending = |second| Fact::RefundPending(Timestamp::from_second(second).expect("a time"));
    let (told, _) = heard(Saga::default(), pending(300));

    let (told_again, _) = heard(told.clone(), pending(10));

    assert_ne!(told_again, told, "the wait would not begin anew, and nobody look at the refund");
}
