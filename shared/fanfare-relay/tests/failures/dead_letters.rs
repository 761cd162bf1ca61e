//! What SNS will never take is a dead letter, and holds up nothing; while the queue does not take that, it waits.

use crate::aws::{Aws, Behaviour, Fate};
use crate::batches::{PLENTY, batch, record, relayed};
use serde_json::{Value, json};

fn malformed(message: &str) -> Fate {
    match message {
        "bad" => Fate::Refused("InvalidParameter", true),
        _ => Fate::Taken,
    }
}

#[tokio::test]
async fn what_is_refused_for_what_it_is_makes_a_dead_letter_and_its_stream_goes_on() {
    let aws = Aws::start(Behaviour { fate: malformed, ..Behaviour::default() }).await;

    let unsent = relayed(&aws, batch(&[("a", "bad"), ("a", "a2")]), PLENTY).await;

    assert_eq!(unsent, None);
    assert_eq!(aws.published(), ["a2"]);
    let letters = aws.dead_letters();
    let letter: Value = serde_json::from_str(&letters[0]).unwrap();
    let expected = json!({
        "key": { "stream": "a", "version": 1 }, "eventType": "Measured", "sequenceNumber": "1",
        "reason": "InvalidParameter: no",
    });
    assert_eq!((letters.len(), letter), (1, expected));
}

#[tokio::test]
async fn what_is_too_large_for_sns_is_never_sent_to_it() {
    let aws = Aws::start(Behaviour::default()).await;
    let large = "x".repeat(262_144);

    let unsent = relayed(&aws, batch(&[("a", &large), ("a", "a2")]), PLENTY).await;

    assert_eq!((unsent, aws.published()), (None, vec!["a2".to_owned()]));
    assert!(aws.dead_letters()[0].contains("SNS takes 262144"));
}

#[tokio::test]
async fn an_item_that_holds_no_event_makes_a_dead_letter() {
    let aws = Aws::start(Behaviour::default()).await;
    let records = json!({ "Records": [record(1, "a", None), record(2, "a", Some("a2"))] });

    let unsent = relayed(&aws, serde_json::from_value(records).unwrap(), PLENTY).await;

    assert_eq!((unsent, aws.published()), (None, vec!["a2".to_owned()]));
    assert!(aws.dead_letters()[0].contains("the item holds no event"));
}

#[tokio::test]
async fn while_the_dead_letter_queue_takes_nothing_what_would_go_there_waits() {
    let behaviour =
        || Behaviour { takes_dead_letters: false, fate: malformed, ..Behaviour::default() };
    let large = "x".repeat(262_144);
    for event in ["bad", &large] {
        let aws = Aws::start(behaviour()).await;
        let unsent = relayed(&aws, batch(&[("b", "b1"), ("a", event), ("a", "a2")]), PLENTY).await;
        assert_eq!(unsent.as_deref(), Some("2"));
        assert_eq!(aws.published(), ["b1"], "a2 would overtake");
    }
    let aws = Aws::start(behaviour()).await;
    let records = json!({ "Records": [record(1, "a", None), record(2, "b", Some("b1"))] });
    let unsent = relayed(&aws, serde_json::from_value(records).unwrap(), PLENTY).await;
    assert_eq!(unsent.as_deref(), Some("1"));
}
