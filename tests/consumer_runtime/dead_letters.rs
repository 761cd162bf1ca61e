//! Dead letters, and the history of failures that they tell.

use crate::kit::{
    batch, first_received, greeting, handle, in_ledger, on, receive_count, with_settings,
};
use event_schema::CustomerRegistered;
use fanfare::{Consumer, Event, Failure, Work};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use system_tests::Store;
use tokio::sync::Notify;

/// A consumer that asks for another try, for ever.
fn failing() -> Consumer<CustomerRegistered> {
    Consumer::new("failing", |_: Event<CustomerRegistered>| async {
        Err(Failure::retry("not now"))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_message_that_fails_for_ever_the_first_failures_and_the_last_are_kept() {
    let store = Store::start(&[]).await;
    let runtime = with_settings(&store, failing(), &[("MAX_TRIES", "1000")]);
    for times in 1..=21 {
        let mut batch = batch(&[("c1", "")]);
        batch.records[0].attributes.extend([receive_count(&times.to_string())]);
        assert_eq!(handle(&runtime, batch, Duration::from_secs(5)).await, ["c1"]);
    }
    let ledger = store.aws.items("LedgerTable").await;
    let failures = ledger[0]["failures"].as_array().expect("a list");
    let attempts: Vec<_> = failures.iter().filter_map(|past| past["attempt"].as_u64()).collect();
    assert_eq!(attempts, [1, 2, 3, 4, 5, 17, 18, 19, 20, 21]);
    assert_eq!((&ledger[0]["error"], &ledger[0]["tries"]), (&json!("not now"), &json!(21)));
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_are_counted_by_the_ledger_and_anew_once_it_is_put_back() {
    let store = Store::start(&[]).await;
    let url = |queue: &str| format!("{}/000000000000/fanfare-{queue}", store.aws.endpoint());
    let dead_letters = ("DEAD_LETTER_QUEUE_URL", &*url("EmailDeadLetters"));
    let runtime = with_settings(&store, failing(), &[("MAX_TRIES", "2"), dead_letters]);
    let receive = async |times: u32| {
        let mut batch = batch(&[("c1", "")]);
        batch.records[0].attributes.extend([receive_count(&times.to_string())]);
        handle(&runtime, batch, Duration::from_secs(5)).await
    };

    assert_eq!(receive(1).await, ["c1"]);
    assert_eq!(receive(1).await, ["c1"], "a copy does not use up the message's tries");
    assert!(receive(2).await.is_empty(), "it is in the dead-letter queue");

    assert!(in_ledger(&store).await.contains("failing#evt_c1 dead-lettered"));
    let letter = store.aws.receive("EmailDeadLetters").await;
    let error = letter.message_attributes().expect("attributes")["fanfare.error"].string_value();
    assert_eq!(error, Some("not now"));
    assert_eq!(receive(1).await, ["c1"], "put back, it is tried again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_days_for_what_is_out_of_order_is_given_up_before_its_queue_forgets_it() {
    let store = Store::start(&[]).await;
    let consumer = Consumer::new("waiting", |_: Event<CustomerRegistered>| async {
        Err(Failure::unavailable("other", "no answer"))
    });
    let runtime = on(&store, "EmailQueue", consumer);
    let after = async |hours: u64| {
        let mut batch = batch(&[("c1", "")]);
        batch.records[0].attributes.extend([first_received(hours)]);
        handle(&runtime, batch, Duration::from_secs(5)).await
    };

    assert_eq!(after(71).await, ["c1"]);
    assert!(after(73).await.is_empty());
    assert!(in_ledger(&store).await.contains("waiting#evt_c1 dead-lettered"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_a_newer_build_waits_until_a_deployment_must_be_over() {
    let store = Store::start(&[]).await;
    let (consumer, greeted) = greeting();
    let consumer = consumer.newer_events_wait(Duration::from_secs(2 * 60 * 60));
    let runtime = on(&store, "EmailQueue", consumer);
    let after = async |hours: u64| {
        let mut batch = batch(&[("c1", "")]);
        let body = batch.records[0].body.take().expect("a body");
        batch.records[0].body = Some(body.replacen('{', r#"{"schemaVersion":99,"#, 1));
        batch.records[0].attributes.extend([first_received(hours)]);
        handle(&runtime, batch, Duration::from_secs(5)).await
    };

    assert_eq!(after(1).await, ["c1"]);
    assert!(after(3).await.is_empty());
    assert!(in_ledger(&store).await.contains("greeting#evt_c1 dead-lettered"));
    assert_eq!(greeted.load(Relaxed), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kills_its_process_is_tried_after_the_others_and_given_up_in_the_end() {
    let store = Store::start(&[]).await;
    let begun = Arc::new(Notify::new());
    let begins = Arc::clone(&begun);
    let consumer = Consumer::new("killed", move |event: Event<CustomerRegistered>| {
        let begins = Arc::clone(&begins);
        async move {
            if event.payload.name == "killer" {
                begins.notify_one();
                std::future::pending::<()>().await;
            }
            Ok::<_, Failure>(Work::did("greeted"))
        }
    });
    let runtime = on(&store, "EmailQueue", consumer);
    let mut deaths = 0;
    let failed = loop {
        let mut batch = batch(&[("killer", ""), ("c1", "")]);
        for record in &mut batch.records {
            record.attributes.extend([receive_count(&(5 + deaths).to_string())]);
        }
        let handled = handle(&runtime, batch, Duration::from_secs(60));
        tokio::select! {
            failed = handled => break failed,
            // The process ends: whatever it was at is dropped.
            () = begun.notified() => deaths += 1,
        }
    };

    assert!(
        failed.is_empty(),
        "the killer is in the dead-letter queue, and the other done: {failed:?}"
    );
    assert_eq!(deaths, 8);
    let ledger = in_ledger(&store).await;
    assert!(ledger.contains("killed#evt_killer dead-lettered"), "{ledger:?}");
    assert!(ledger.contains("killed#evt_c1 done"), "{ledger:?}");
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
