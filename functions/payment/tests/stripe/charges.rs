//! Charging.

use crate::kit::{Bench, assert_unavailable, assert_unknown, charge, charged, client};
use fanfare::Timestamp;
use payment::{Answer, Ask, Gateway, Request};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_good_charge_is_captured_once_however_often_it_is_asked_for() {
    let bench = Bench::start().await;

    for _ in 0..3 {
        assert_eq!(bench.charge(2500).await.unwrap(), charged());
    }

    assert_eq!(bench.moved(), (2500, 0));
    let charges = bench.sandbox.charges();
    assert_eq!((charges.len(), charges[0].currency.as_str()), (1, "eur"));
}

#[tokio::test]
async fn a_declined_charge_captures_nothing_and_says_why_as_far_as_it_may_be_told() {
    for (amount, reason) in
        [(2502, "card_declined"), (2504, "card_declined"), (2505, "insufficient_funds")]
    {
        let bench = Bench::start().await;
        for _ in 0..2 {
            let declined = Answer::Declined { reason: reason.to_owned() };
            assert_eq!(bench.charge(amount).await.unwrap(), declined, "{amount}");
        }
        assert_eq!(bench.moved(), (0, 0));
    }
}

#[tokio::test]
async fn a_charge_of_nothing_is_declined() {
    let bench = Bench::start().await;
    let declined = Answer::Declined { reason: "amount_too_small".to_owned() };
    assert_eq!(bench.charge(0).await.unwrap(), declined);
}

#[tokio::test]
async fn a_charge_whose_answer_is_lost_is_not_made_twice() {
    let bench = Bench::start().await;

    assert_unknown(bench.charge(2510).await);
    assert_eq!(bench.moved(), (2510, 0), "it was made");

    assert_eq!(bench.charge(2510).await.unwrap(), charged());
    assert_eq!(bench.moved(), (2510, 0));
}

#[tokio::test]
async fn a_charge_that_is_answered_too_late_is_found_again() {
    let bench = Bench::start().await;
    let begun = Instant::now();

    assert_unknown(bench.charge(2508).await);
    assert!(begun.elapsed() < Duration::from_secs(9), "it outlives an invocation");

    assert_eq!(bench.charge(2508).await.unwrap(), charged());
    assert_eq!(bench.moved(), (2508, 0));
}

#[tokio::test]
async fn a_slow_charge_is_waited_for() {
    let bench = Bench::start().await;
    assert_eq!(bench.charge(2511).await.unwrap(), charged());
}

#[tokio::test]
async fn a_charge_that_is_refused_for_now_is_made_later() {
    let bench = Bench::start().await;
    for _ in 0..2 {
        assert_unknown(bench.charge(2509).await);
        assert_eq!(bench.moved(), (0, 0));
    }
    assert_eq!(bench.charge(2509).await.unwrap(), charged());

    let bench = Bench::start().await;
    for _ in 0..2 {
        assert_unavailable(bench.charge(2513).await);
    }
    assert_eq!(bench.charge(2513).await.unwrap(), charged());

    let bench = Bench::start().await;
    assert_unknown(bench.charge(2514).await);
    assert_eq!(bench.charge(2514).await.unwrap(), charged());
}

#[tokio::test]
async fn an_intent_that_was_refused_for_now_is_made_later_and_once() {
    let bench = Bench::start().await;
    assert_unavailable(bench.charge(2519).await);

    for _ in 0..3 {
        assert_eq!(bench.charge(2519).await.unwrap(), charged());
    }

    assert_eq!((bench.moved(), bench.sandbox.charges().len()), ((2519, 0), 1));
}

#[tokio::test]
async fn a_charge_whose_key_may_be_forgotten_is_left_to_somebody_who_looks() {
    let bench = Bench::start().await;
    assert_unknown(bench.charge(2510).await);
    let since = Timestamp::now().checked_sub(Duration::from_secs(23 * 60 * 60)).unwrap();

    for ask in [Ask::Charge, Ask::Withdraw] {
        let late = Request { since: Some(since), ask, ..charge(2510) };
        let failure = bench.stripe.ask(late).await.unwrap_err();
        assert!(failure.is_permanent() && failure.to_string().contains("look at"), "{failure}");
    }

    assert_eq!((bench.moved(), bench.sandbox.charges().len()), ((2510, 0), 1));
}

#[tokio::test]
async fn a_charge_that_was_made_is_seen_behind_an_answer_of_500_that_stays() {
    let bench = Bench::start().await;
    for _ in 0..2 {
        assert_eq!(bench.charge(2512).await.unwrap(), charged());
    }
    assert_eq!(bench.moved(), (2512, 0));
}

#[tokio::test]
async fn a_charge_that_is_being_processed_is_looked_at() {
    let bench = Bench::start().await;
    assert_eq!(bench.charge(2507).await.unwrap(), charged());
}

#[tokio::test]
async fn an_intent_whose_answer_is_lost_is_found_again() {
    let bench = Bench::start().await;
    assert_unavailable(bench.charge(2515).await);
    assert_eq!(bench.charge(2515).await.unwrap(), charged());
    assert_eq!(bench.sandbox.charges().len(), 1);
}

#[tokio::test]
async fn charges_at_the_same_time_under_one_key_capture_once() {
    let bench = Bench::start().await;
    let all = [bench.charge(2511), bench.charge(2511), bench.charge(2511)];
    let [first, second, third] = all;

    let answers = tokio::join!(first, second, third);

    for answer in [answers.0, answers.1, answers.2] {
        assert_eq!(answer.unwrap(), charged());
    }
    assert_eq!(bench.moved(), (2511, 0));
}

#[tokio::test]
async fn a_key_that_is_used_for_another_amount_is_refused_for_good() {
    let bench = Bench::start().await;
    assert_eq!(bench.charge(2500).await.unwrap(), charged());

    let failure = bench.charge(2600).await.unwrap_err();

    assert!(failure.is_permanent());
    assert_eq!(failure.to_string(), "the gateway answered 400: idempotency_error");
    assert_eq!(bench.moved(), (2500, 0));
}

#[tokio::test]
async fn a_gateway_that_is_not_there_has_charged_nothing() {
    // Nobody listens on the port of a socket that is closed again.
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    drop(socket);

    assert_unavailable(client(&url).ask(charge(2500)).await);
}
