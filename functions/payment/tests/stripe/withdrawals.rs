//! Making sure that nothing is charged.

use crate::kit::{Bench, assert_unknown, charged};
use payment::Answer;

#[tokio::test]
async fn a_charge_that_was_never_tried_is_made_impossible() {
    let bench = Bench::start().await;

    for _ in 0..2 {
        assert_eq!(bench.withdraw(2500).await.unwrap(), Answer::Withdrawn);
    }

    // A request that is still on its way, from an attempt that outlived its invocation.
    assert_eq!(bench.charge(2500).await.unwrap(), Answer::Withdrawn);
    assert_eq!(bench.moved(), (0, 0));
}

#[tokio::test]
async fn a_charge_that_was_made_comes_to_light() {
    let bench = Bench::start().await;
    assert_unknown(bench.charge(2510).await);

    for _ in 0..2 {
        assert_eq!(bench.withdraw(2510).await.unwrap(), charged());
    }
    assert_eq!(bench.moved(), (2510, 0));
}

#[tokio::test]
async fn a_charge_that_was_refused_for_now_is_made_impossible() {
    let bench = Bench::start().await;
    assert_unknown(bench.charge(2509).await);

    assert_eq!(bench.withdraw(2509).await.unwrap(), Answer::Withdrawn);
    assert_eq!(bench.charge(2509).await.unwrap(), Answer::Withdrawn);
    assert_eq!(bench.moved(), (0, 0));
}

#[tokio::test]
async fn a_charge_that_was_declined_is_not_made_after_all() {
    let bench = Bench::start().await;
    let declined = Answer::Declined { reason: "card_declined".to_owned() };
    assert_eq!(bench.charge(2502).await.unwrap(), declined);
    assert_eq!(bench.withdraw(2502).await.unwrap(), Answer::Withdrawn);
}
