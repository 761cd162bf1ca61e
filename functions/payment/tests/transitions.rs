//! What every event means in every state, with every answer of the gateway.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use event_schema::{Currency, CustomerId, OrderId};
use fanfare::{EventId, Timestamp};
use payment::{
    Announcement, Answer, Ask, Due, Happened, Outcome, Payment, Refund, Refusal, Request, Settled,
    Step, conclude, decide,
};

/// The charge's key.
const CHARGE: &str = "charge:ord_1";

fn order() -> OrderId {
    OrderId::new("ord_1").unwrap()
}

/// Seconds after the order was placed.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn due(amount: u64) -> Due {
    Due { customer_id: CustomerId::new("cust_1").unwrap(), amount, currency: Currency::EUR }
}

fn refund(key: &str) -> Refund {
    let key = EventId::new(key).unwrap();
    Refund { key, payment_id: "pi_1".to_owned(), amount: 2500, currency: Currency::EUR }
}

fn charged() -> Outcome {
    Outcome::Charged { payment_id: "pi_1".to_owned() }
}

fn refunded() -> Outcome {
    Outcome::Refunded { payment_id: "pi_1".to_owned() }
}

fn refund_pending() -> Outcome {
    Outcome::RefundPending { payment_id: "pi_1".to_owned() }
}

fn was_charged() -> Answer {
    Answer::Charged { payment_id: "pi_1".to_owned() }
}

fn request(key: &str, ask: Ask) -> Request {
    let since = (key == CHARGE).then(|| at(1));
    Request { key: key.to_owned(), since, order_id: order(), due: due(2500), ask }
}

/// Every state that can be reached.
fn all_states() -> Vec<Payment> {
    let mut states = Vec::new();
    for cancelled in [false, true] {
        for (placed, reserved) in [(false, false), (true, false), (false, true)] {
            let since =
                [placed.then(|| at(0)), reserved.then(|| at(1))].into_iter().max().flatten();
            let due = placed.then(|| due(2500));
            states.push(Payment { due, reserved, since, cancelled, outcome: Outcome::Open });
        }
        for outcome in
            [charged(), Outcome::Declined, Outcome::Withdrawn, refund_pending(), refunded()]
        {
            states.push(Payment { cancelled, outcome, ..both_known() });
        }
    }
    states
}

fn both_known() -> Payment {
    Payment { due: Some(due(2500)), reserved: true, since: Some(at(1)), ..Payment::default() }
}

fn placed() -> Happened {
    Happened::Placed { due: due(2500), at: at(0) }
}

fn reserved() -> Happened {
    Happened::Reserved { at: at(1) }
}

fn cancelled() -> Happened {
    Happened::Cancelled { due: due(2500), is_uncharged: false }
}

fn cancelled_uncharged() -> Happened {
    Happened::Cancelled { due: due(2500), is_uncharged: true }
}

/// Decides, asking a gateway that answers `answer`. Gives what it was asked, if it was.
fn settle(payment: Payment, happened: Happened, answer: Answer) -> (Option<Request>, Settled) {
    match decide(&order(), payment, happened).unwrap() {
        Step::Settle(settled) => (None, settled),
        Step::Ask { payment, request } => {
            let settled = conclude(payment, &request, answer);
            (Some(request), settled)
        }
    }
}

#[test]
fn either_order_of_arrival_charges_under_the_order_s_key() {
    for [first, second] in [[placed(), reserved()], [reserved(), placed()]] {
        let (asked, waiting) = settle(Payment::default(), first, was_charged());
        assert_eq!((asked, waiting.announce), (None, None));

        let (asked, paid) = settle(waiting.payment, second, was_charged());

        assert_eq!(asked, Some(request(CHARGE, Ask::Charge)));
        assert_eq!(paid.payment, Payment { outcome: charged(), ..both_known() });
        let payment_id = "pi_1".to_owned();
        let announced = Announcement::Processed { payment_id, due: due(2500) };
        assert_eq!(paid.announce, Some(announced));
    }
}

#[test]
fn a_declined_charge_is_announced_with_the_gateway_s_reason() {
    let waiting = Payment { reserved: true, since: Some(at(1)), ..Payment::default() };
    let reason = "insufficient_funds".to_owned();

    let (_, settled) = settle(waiting, placed(), Answer::Declined { reason: reason.clone() });

    assert_eq!(settled.payment.outcome, Outcome::Declined);
    assert_eq!(settled.announce, Some(Announcement::Failed { reason }));
}

/// Every event in every state: what must hold of each.
#[test]
fn no_event_in_any_state_charges_twice_or_charges_a_cancelled_order() {
    let asks = Happened::RefundRequested(refund("evt_refund"));
    for state in all_states() {
        let all = [placed(), reserved(), Happened::Objected, cancelled(), asks.clone()];
        for happened in all.into_iter().chain([cancelled_uncharged(), Happened::RefundLookDue]) {
            let is_objected = happened == Happened::Objected && state.outcome == Outcome::Open;
            let is_cancelled =
                state.cancelled || is_objected || matches!(happened, Happened::Cancelled { .. });
            let Ok(step) = decide(&order(), state.clone(), happened) else { continue };
            match &step {
                Step::Ask { payment, request } => {
                    assert_eq!(payment.outcome, state.outcome);
                    let (is_open, key) = match request.ask {
                        Ask::Charge => (!is_cancelled, CHARGE),
                        Ask::Withdraw => (is_cancelled, CHARGE),
                        Ask::Refund { .. } => (state.outcome == charged(), "evt_refund"),
                        // It moves no money.
                        Ask::LookAtRefund { .. } => continue,
                    };
                    assert!(is_open, "{state:?} asks {request:?}");
                    assert_eq!(request.key, key);
                }
                Step::Settle(settled) => {
                    assert_eq!(settled.payment.outcome, state.outcome, "without the gateway");
                    assert_eq!(settled.announce, None, "without the gateway");
                    assert_eq!(settled.payment.cancelled, is_cancelled);
                }
            }
        }
    }
}

/// The answer may come to light in a later attempt, which finds the memory changed.
#[test]
fn a_charge_that_was_made_is_recorded_whatever_happened_meanwhile() {
    for cancelled in [false, true] {
        for ask in [Ask::Charge, Ask::Withdraw] {
            let known = Payment { cancelled, ..both_known() };

            let settled = conclude(known, &request(CHARGE, ask), was_charged());

            let payment = Payment { cancelled, outcome: charged(), ..both_known() };
            assert_eq!(settled.payment, payment);
            assert!(matches!(settled.announce, Some(Announcement::Processed { .. })));
        }
    }
}

#[test]
fn a_cancelled_order_is_never_charged_but_the_gateway_is_asked_whether_it_was() {
    let cancelled =
        Payment { reserved: false, since: Some(at(0)), cancelled: true, ..both_known() };

    let (asked, settled) = settle(cancelled, reserved(), Answer::Withdrawn);

    assert_eq!(asked, Some(request(CHARGE, Ask::Withdraw)));
    assert_eq!((settled.payment.outcome, settled.announce), (Outcome::Withdrawn, None));
}

/// An attempt that acted and was overtaken by a cancellation finds the payment settled: it asks again, since its claim is
/// concluded by an answer, and makes nothing of that.
#[test]
fn a_repeat_changes_nothing_and_charges_nothing() {
    for state in all_states().into_iter().filter(|state| state.outcome != Outcome::Open) {
        // With other content too: what came first holds.
        let others =
            [Happened::Placed { due: due(1), at: at(9) }, Happened::Reserved { at: at(9) }];
        for repeat in [placed(), reserved()].into_iter().chain(others) {
            let (asked, settled) = settle(state.clone(), repeat, was_charged());
            let asked = asked.map(|request| request.ask);
            assert_eq!(asked, state.cancelled.then_some(Ask::Withdraw));
            assert_eq!((&settled.payment, settled.announce), (&state, None));
        }
    }
}

#[test]
fn what_was_charged_is_refunded_once() {
    let given_back = Answer::Refunded { payment_id: "pi_1".to_owned() };
    for cancelled in [false, true] {
        let state = Payment { cancelled, outcome: charged(), ..both_known() };
        let asks = Happened::RefundRequested(refund("evt_refund"));

        let (asked, settled) = settle(state, asks, given_back.clone());

        let payment_id = "pi_1".to_owned();
        let ask = Ask::Refund { payment_id: payment_id.clone() };
        assert_eq!(asked, Some(request("evt_refund", ask)));
        let announced = Announcement::Refunded { payment_id, due: due(2500) };
        assert_eq!(settled.announce, Some(announced));
        assert_eq!(settled.payment.outcome, refunded());

        for key in ["evt_refund", "evt_another"] {
            let repeat = Happened::RefundRequested(refund(key));
            let (asked, again) = settle(settled.payment.clone(), repeat, given_back.clone());
            assert_eq!((asked, &again.payment, again.announce), (None, &settled.payment, None));
        }
    }
}

#[test]
fn nothing_is_refunded_that_was_not_charged() {
    let asks = Happened::RefundRequested(refund("evt_refund"));
    let refusals = [
        (Outcome::Open, Refusal::NotSettled),
        (Outcome::Declined, Refusal::NeverCharged),
        (Outcome::Withdrawn, Refusal::NeverCharged),
    ];
    for (outcome, refusal) in refusals {
        let state = Payment { outcome, ..both_known() };
        assert_eq!(decide(&order(), state, asks.clone()), Err(refusal));
    }
    let others = [
        Refund { amount: 2501, ..refund("evt_refund") },
        Refund { currency: Currency::USD, ..refund("evt_refund") },
        Refund { payment_id: "pi_2".to_owned(), ..refund("evt_refund") },
    ];
    for other in others {
        let state = Payment { outcome: charged(), ..both_known() };
        let step = decide(&order(), state, Happened::RefundRequested(other));
        assert_eq!(step, Err(Refusal::NotWhatWasCharged));
    }
}

/// An attempt to charge leaves nothing behind when its answer is lost, and its event may be dead.
#[test]
fn a_cancellation_asks_what_became_of_a_charge_of_which_nothing_is_remembered() {
    for first in [placed(), reserved()] {
        for objection in [None, Some(Happened::Objected)] {
            let (asked, remembered) = settle(Payment::default(), first.clone(), was_charged());
            assert_eq!(asked, None);
            let remembered =
                objection.into_iter().fold(remembered.payment, |payment, objection| {
                    settle(payment, objection, was_charged()).1.payment
                });

            let (asked, settled) = settle(remembered, cancelled(), was_charged());

            let asked = asked.unwrap();
            assert_eq!((&asked.key[..], asked.ask, asked.due), (CHARGE, Ask::Withdraw, due(2500)));
            assert!(asked.since.is_some());
            assert_eq!(settled.payment.outcome, charged());
            let payment_id = "pi_1".to_owned();
            let announced = Announcement::Processed { payment_id, due: due(2500) };
            assert_eq!(settled.announce, Some(announced));
        }
    }
}

/// Whatever became of the payment between two attempts of a cancellation: who has acted must go on to ask.
#[test]
fn a_cancellation_that_asked_once_asks_in_every_later_state() {
    for state in all_states().into_iter().filter(|state| state.due.is_some() || state.reserved) {
        let (asked, settled) = settle(state.clone(), cancelled(), was_charged());
        assert_eq!(asked.map(|request| request.ask), Some(Ask::Withdraw));
        if state.outcome != Outcome::Open {
            let payment = Payment { cancelled: true, ..state };
            assert_eq!((settled.payment, settled.announce), (payment, None));
        }
    }
}

#[test]
fn a_cancellation_of_what_cannot_have_been_charged_asks_nobody() {
    let placed_only = settle(Payment::default(), placed(), was_charged()).1.payment;
    for (payment, happened) in
        [(Payment::default(), cancelled()), (placed_only, cancelled_uncharged())]
    {
        let (asked, settled) = settle(payment, happened, was_charged());
        assert_eq!((asked, settled.payment.cancelled), (None, true));
        assert_eq!(settled.payment.outcome, Outcome::Open);
    }
}

/// Whatever is redriven after an outage of the gateway finds the objection, which needed no gateway.
#[test]
fn an_objection_is_enough_to_begin_no_charge() {
    let waiting = settle(Payment::default(), placed(), was_charged()).1.payment;
    let (asked, objected) = settle(waiting, Happened::Objected, was_charged());
    assert_eq!((asked, objected.announce), (None, None));

    let (asked, _) = settle(objected.payment, reserved(), Answer::Withdrawn);

    assert_eq!(asked.unwrap().ask, Ask::Withdraw);
}

#[test]
fn an_objection_to_what_is_settled_changes_nothing() {
    for state in all_states().into_iter().filter(|state| state.outcome != Outcome::Open) {
        let (asked, settled) = settle(state.clone(), Happened::Objected, was_charged());
        assert_eq!((asked, settled.payment, settled.announce), (None, state, None));
    }
}

/// Every order in which the events of a cancelled order can arrive, each of them repeated.
#[test]
fn a_cancelled_order_ends_without_a_charge_or_with_a_charge_announced() {
    let events = [placed(), reserved(), cancelled()];
    for arrival in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (mut payment, mut requests, mut announcements) = (Payment::default(), vec![], vec![]);
        for place in arrival.into_iter().flat_map(|place| [place, place]) {
            let is_charged = requests.iter().any(|request: &Request| request.ask == Ask::Charge);
            let is_cancelled = payment.cancelled || place == 2;
            let answer =
                if is_cancelled && !is_charged { Answer::Withdrawn } else { was_charged() };
            let (asked, settled) = settle(payment, events[place].clone(), answer);
            requests.extend(asked);
            announcements.extend(settled.announce);
            payment = settled.payment;
        }
        let was_charged = arrival[2] == 2;
        assert!(payment.cancelled);
        assert_eq!(payment.outcome, if was_charged { charged() } else { Outcome::Withdrawn });
        assert!(requests.iter().all(|request| request.key == CHARGE), "{requests:?}");
        let charges = requests.iter().filter(|request| request.ask == Ask::Charge).count();
        assert_eq!(charges, usize::from(was_charged), "{requests:?}");
        assert_eq!(announcements.len(), usize::from(was_charged));
    }
}

/// A refund that is pending is not given back: it is looked at until the gateway says how it ended.
#[test]
fn a_refund_is_announced_as_given_back_once_the_gateway_says_so_and_not_before() {
    let payment_id = || "pi_1".to_owned();
    let asks = Happened::RefundRequested(refund("evt_refund"));
    let pending = || Answer::RefundPending { payment_id: payment_id() };
    let announced = Announcement::RefundPending { payment_id: payment_id(), due: due(2500) };
    let known = Payment { outcome: charged(), cancelled: true, ..both_known() };

    let (_, taken) = settle(known, asks, pending());
    assert_eq!(taken.payment.outcome, refund_pending());
    assert_eq!(taken.announce, Some(announced.clone()));

    let (asked, looked) = settle(taken.payment, Happened::RefundLookDue, pending());
    assert_eq!(asked.unwrap().ask, Ask::LookAtRefund { payment_id: payment_id() });
    assert_eq!(looked.announce, Some(announced), "which begins the next wait");

    let done = Answer::Refunded { payment_id: payment_id() };
    let (_, ended) = settle(looked.payment, Happened::RefundLookDue, done.clone());
    assert_eq!(ended.payment.outcome, refunded());
    assert!(matches!(ended.announce, Some(Announcement::Refunded { .. })));

    let (_, repeated) = settle(ended.payment, Happened::RefundLookDue, done);
    assert_eq!(repeated.announce, None, "it was given back once");
}

#[test]
fn a_look_at_a_refund_that_nobody_asked_for_finds_nothing_to_look_at() {
    let charged = Payment { outcome: charged(), ..both_known() };
    let refusal = decide(&order(), charged, Happened::RefundLookDue).unwrap_err();
    assert_eq!(refusal, Refusal::NotSettled);
    let declined = Payment { outcome: Outcome::Declined, ..both_known() };
    let refusal = decide(&order(), declined, Happened::RefundLookDue).unwrap_err();
    assert_eq!(refusal, Refusal::NeverCharged);
}

/// The gateway refuses a charge of 0: it is never asked.
#[test]
fn an_order_that_costs_nothing_is_paid_and_given_back_without_the_gateway() {
    let free = || Happened::Placed { due: due(0), at: at(0) };
    for [first, second] in [[free(), reserved()], [reserved(), free()]] {
        let (_, waiting) = settle(Payment::default(), first, Answer::Withdrawn);
        let (asked, paid) = settle(waiting.payment, second, Answer::Withdrawn);

        assert_eq!(asked, None);
        let announced = Announcement::Processed { payment_id: "free".to_owned(), due: due(0) };
        assert_eq!(paid.announce, Some(announced));

        let refund = Refund { payment_id: "free".to_owned(), amount: 0, ..refund("evt_refund") };
        let asks = Happened::RefundRequested(refund);
        let (asked, given_back) = settle(paid.payment, asks, Answer::Withdrawn);
        assert_eq!(asked, None);
        assert!(matches!(given_back.announce, Some(Announcement::Refunded { .. })));
    }
}

#[test]
fn an_order_that_costs_nothing_and_is_cancelled_first_is_not_paid() {
    let cancelled = Happened::Cancelled { due: due(0), is_uncharged: false };
    let (_, reserved_first) = settle(Payment::default(), reserved(), Answer::Withdrawn);
    let (asked, stopped) = settle(reserved_first.payment, cancelled, Answer::Withdrawn);
    assert_eq!(asked, None);

    let late = Happened::Placed { due: due(0), at: at(0) };
    let (asked, settled) = settle(stopped.payment, late, Answer::Withdrawn);
    assert_eq!((asked, settled.announce), (None, None));
}
