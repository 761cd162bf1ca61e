//! What SNS does not take is reported by the first of it, its stream waits, and nothing else does.

use crate::aws::{Aws, Behaviour, Fate};
use crate::batches::{PLENTY, batch, relayed};

#[tokio::test]
async fn a_batch_that_is_taken_is_published_in_each_stream_s_order() {
    let aws = Aws::start(Behaviour::default()).await;

    let unsent = relayed(&aws, batch(&[("a", "a1"), ("a", "a2"), ("b", "b1")]), PLENTY).await;

    assert_eq!(unsent, None);
    assert_eq!(aws.published(), ["a1", "b1", "a2"]);
}

#[tokio::test]
async fn the_first_that_failed_is_reported_and_the_later_ones_of_its_stream_wait() {
    let fate = |message: &str| match message {
        "b1" => Fate::Refused("InternalError", false),
        _ => Fate::Taken,
    };
    let aws = Aws::start(Behaviour { fate, ..Behaviour::default() }).await;
    let events = [("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2"), ("c", "c1")];

    let unsent = relayed(&aws, batch(&events), PLENTY).await;

    assert_eq!(unsent.as_deref(), Some("2"));
    assert_eq!(aws.published(), ["a1", "c1", "a2"], "b2 would overtake b1");
    assert!(aws.dead_letters().is_empty());
}

#[tokio::test]
async fn of_several_that_failed_the_earliest_in_the_stream_is_reported() {
    // b2 fails in the second round, c1 in the first: b2 was written before.
    let fate = |message: &str| match message {
        "b2" | "c1" => Fate::Refused("InternalError", false),
        _ => Fate::Taken,
    };
    let aws = Aws::start(Behaviour { fate, ..Behaviour::default() }).await;

    let unsent = relayed(&aws, batch(&[("b", "b1"), ("b", "b2"), ("c", "c1")]), PLENTY).await;

    assert_eq!(unsent.as_deref(), Some("2"));
}

#[tokio::test]
async fn a_refusal_that_can_pass_makes_no_dead_letter_whosever_fault_sns_calls_it() {
    for code in ["Throttled", "KMSThrottling", "KMSAccessDenied", "AuthorizationError", "New"] {
        let fate = match code {
            "Throttled" => |_: &str| Fate::Refused("Throttled", true),
            "KMSThrottling" => |_: &str| Fate::Refused("KMSThrottling", true),
            "KMSAccessDenied" => |_: &str| Fate::Refused("KMSAccessDenied", true),
            "AuthorizationError" => |_: &str| Fate::Refused("AuthorizationError", true),
            _ => |_: &str| Fate::Refused("NeverHeardOf", true),
        };
        let aws = Aws::start(Behaviour { fate, ..Behaviour::default() }).await;

        let unsent = relayed(&aws, batch(&[("a", "a1")]), PLENTY).await;

        assert_eq!(unsent.as_deref(), Some("1"), "{code}");
        assert!(aws.dead_letters().is_empty(), "{code}");
    }
}

#[tokio::test]
async fn an_entry_that_the_answer_does_not_name_counts_as_not_taken() {
    let fate = |message: &str| match message {
        "a1" => Fate::Taken,
        _ => Fate::Forgotten,
    };
    let aws = Aws::start(Behaviour { fate, ..Behaviour::default() }).await;

    let unsent = relayed(&aws, batch(&[("a", "a1"), ("b", "b1")]), PLENTY).await;

    assert_eq!(unsent.as_deref(), Some("2"));
}
