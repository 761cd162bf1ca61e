//! Giving money back.

use crate::kit::{Bench, assert_unknown, charged, refund_pending, refunded};

async fn charged_bench(amount: u64) -> Bench {
    let bench = Bench::start().await;
    assert_eq!(bench.charge(amount).await.unwrap(), charged());
    bench
}

#[tokio::test]
async fn money_is_given_back_once_however_often_it_is_asked_for() {
    let bench = charged_bench(2500).await;
    for _ in 0..3 {
        assert_eq!(bench.refund(2500).await.unwrap(), refunded());
    }
    assert_eq!(bench.moved(), (2500, 2500));
}

#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_not_made_twice() {
    let bench = charged_bench(2516).await;
    assert_unknown(bench.refund(2516).await);
    assert_eq!(bench.refund(2516).await.unwrap(), refunded());
    assert_eq!(bench.moved(), (2516, 2516));
}

#[tokio::test]
async fn a_refund_that_was_made_is_seen_behind_an_answer_of_500_that_stays() {
    let bench = charged_bench(2517).await;
    assert_eq!(bench.refund(2517).await.unwrap(), refunded());
    assert_eq!(bench.moved(), (2517, 2517));
}

#[tokio::test]
async fn a_refund_that_was_refused_for_now_is_made_later() {
    let bench = charged_bench(2520).await;
    assert_unknown(bench.refund(2520).await);
    assert_eq!(bench.moved(), (2520, 0));

    for _ in 0..2 {
        assert_eq!(bench.refund(2520).await.unwrap(), refunded());
    }
    assert_eq!(bench.moved(), (2520, 2520));
}

#[tokio::test]
async fn a_refund_that_fails_is_for_somebody_to_look_at() {
    let bench = charged_bench(2518).await;
    let failure = bench.refund(2518).await.unwrap_err();
    assert!(failure.is_permanent(), "{failure}");
    assert_eq!(bench.moved(), (2518, 0));
}

#[tokio::test]
async fn more_than_was_charged_is_never_given_back() {
    let bench = charged_bench(2500).await;
    let failure = bench.refund(2600).await.unwrap_err();
    assert!(failure.is_permanent(), "{failure}");
    assert_eq!(bench.moved(), (2500, 0));
}

#[tokio::test]
async fn a_refund_that_is_pending_or_waits_for_the_customer_is_not_given_back_until_it_has_succeeded()
 {
    for amount in [2521, 2523] {
        let bench = charged_bench(amount).await;
        assert_eq!(bench.refund(amount).await.unwrap(), refund_pending());
        assert_eq!(bench.look_at_refund(amount).await.unwrap(), refund_pending());
        assert_eq!(bench.look_at_refund(amount).await.unwrap(), refunded());
        // A repeat of the first request gets its first answer from the gateway, which is out of date.
        assert_eq!(bench.refund(amount).await.unwrap(), refunded());
    }
}

#[tokio::test]
async fn a_refund_that_fails_after_it_was_pending_is_for_somebody_to_look_at() {
    let bench = charged_bench(2522).await;
    assert_eq!(bench.refund(2522).await.unwrap(), refund_pending());
    assert_eq!(bench.look_at_refund(2522).await.unwrap(), refund_pending());
    let failure = bench.look_at_refund(2522).await.unwrap_err();
    assert!(failure.is_permanent(), "{failure}");
    assert_eq!(bench.moved(), (2522, 0));
}
