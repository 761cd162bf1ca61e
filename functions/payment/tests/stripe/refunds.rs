//! Giving money back.

use crate::kit::{Bench, assert_unknown, charged, refunded};

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
