//! Dead letters, and the history of failures that they tell.

use crate::kit::{batch, greeting, handle, on, receive_count, with_settings};
use event_schema::CustomerRegistered;
use fanfare::{Consumer, Event, Failure};
use serde_json::{Value, json};
use std::time::Duration;
use system_tests::Store;

#[tokio::test(flavor = "multi_thread")]
async fn of_a_message_that_fails_for_ever_the_first_failures_and_the_last_are_kept() {
    let store = Store::start(&[]).await;
    let consumer = Consumer::new("failing", |_: Event<CustomerRegistered>| async {
        Err(Failure::retry("not now"))
    });
    let runtime = with_settings(&store, consumer, &[("MAX_RECEIVE_COUNT", "1000")]);
    for times in ["1", "20", "21", "500"] {
        let mut batch = batch(&[("c1", "")]);
        batch.records[0].attributes.extend([receive_count(times)]);
        assert_eq!(handle(&runtime, batch, Duration::from_secs(5)).await, ["c1"]);
    }
    let ledger = store.aws.items("LedgerTable").await;
    assert_eq!(ledger[0]["failures"].as_array().expect("a list").len(), 2);
    assert_eq!((&ledger[0]["error"], &ledger[0]["attempts"]), (&json!("not now"), &json!(500)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_keeps_the_attributes_that_its_message_had() {
    let store = Store::start(&[]).await;
    let (consumer, _) = greeting();
    let runtime = on(&store, "EmailQueue", consumer);
    let mut poison = batch(&[("c1", "")]);
    poison.records[0].body = Some("no event".to_owned());
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let attribute = |name| (name, json!({"dataType": "String", "stringValue": "x"}));
    let attributes: serde_json::Map<_, _> =
        names.map(attribute).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    poison.records[0].message_attributes =
        serde_json::from_value(Value::Object(attributes)).expect("attributes");

    assert!(handle(&runtime, poison, Duration::from_secs(5)).await.is_empty());

    let letter = store.aws.receive("EmailDeadLetters").await;
    let kept = letter.message_attributes().expect("attributes");
    for name in names.into_iter().chain(["fanfare.consumer", "fanfare.error"]) {
        assert!(kept.contains_key(name), "{name} of {:?}", kept.keys());
    }
}
