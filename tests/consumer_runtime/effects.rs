//! Effects: what may have happened is not done again unless the consumer says so.

use crate::kit::{batch, handle, in_ledger, on, with_dead_letters, with_settings};
use event_schema::CustomerRegistered;
use fanfare::{Consumer, Event, Failure, Key, Only, State, Table, UnknownOutcome, Work, Write};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use system_tests::{Store, eventually};

const NOTES: Table = Table::named_by("NOTES_TABLE");

/// A consumer whose effect never ends, and how often that was begun.
fn endless(
    name: &'static str,
    policy: UnknownOutcome,
) -> (Consumer<CustomerRegistered, ()>, Arc<AtomicU64>) {
    let begun = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&begun);
    let decide =
        |_: Event<CustomerRegistered>, _: State| async { Ok(Work::did("acted").effect(())) };
    let perform = move |()| {
        count.fetch_add(1, Relaxed);
        std::future::pending::<Result<(), Failure>>()
    };
    let consumer = Consumer::with_effects(name, |_| Vec::new(), decide, perform);
    (consumer.lease(Duration::from_millis(300)).unknown_outcome(policy), begun)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_of_unknown_outcome_is_parked_when_the_consumer_says_so() {
    let store = Store::start(&[]).await;
    let (consumer, begun) = endless("park", UnknownOutcome::Park);
    let runtime = on(&store, "EmailQueue", consumer);
    let again = async || handle(&runtime, batch(&[("c1", "")]), Duration::from_secs(1)).await;

    assert_eq!(again().await, ["c1"], "its outcome is unknown");
    eventually("the lease to run out", again, |failed| failed.is_empty()).await;

    assert_eq!(begun.load(Relaxed), 1);
    let letter = store.aws.receive("EmailDeadLetters").await;
    let attributes = letter.message_attributes().expect("what is known of the failure");
    let error = attributes["fanfare.error"].string_value();
    assert_eq!(error, Some("an earlier attempt may have acted: its outcome is unknown"));
    assert!(in_ledger(&store).await.contains("park#evt_c1 dead-lettered"));

    // A copy of the message does not act either.
    assert!(again().await.is_empty());
    assert_eq!(begun.load(Relaxed), 1);

    // Put back after a look, it acts.
    let mut put_back = batch(&[("c1", "")]);
    let claim = attributes["fanfare.claim"].string_value();
    let claim = json!({"fanfare.claim": {"dataType": "String", "stringValue": claim}});
    put_back.records[0].message_attributes = serde_json::from_value(claim).expect("attributes");
    assert_eq!(handle(&runtime, put_back, Duration::from_secs(1)).await, ["c1"]);
    assert_eq!(begun.load(Relaxed), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_is_not_done_again_while_its_dead_letter_can_not_be_sent() {
    let store = Store::start(&[]).await;
    let (consumer, begun) = endless("unsent", UnknownOutcome::Park);
    let runtime = with_dead_letters(&store, "EmailQueue", "NoSuchQueue", consumer);
    let again = async || {
        let failed = handle(&runtime, batch(&[("c1", "")]), Duration::from_secs(1)).await;
        assert_eq!(failed, ["c1"], "it is in its queue as long as it is in no other");
        in_ledger(&store).await
    };

    let given_up = |ledger: &BTreeSet<String>| ledger.contains("unsent#evt_c1 dead-lettered");
    eventually("the lease to run out", again, given_up).await;
    again().await;

    assert_eq!(begun.load(Relaxed), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_of_unknown_outcome_is_tried_again_once_its_lease_ran_out() {
    let store = Store::start(&[]).await;
    let (consumer, begun) = endless("retry", UnknownOutcome::Retry);
    let runtime = on(&store, "EmailQueue", consumer);
    let again = async || {
        handle(&runtime, batch(&[("c1", "")]), Duration::from_secs(1)).await;
        begun.load(Relaxed)
    };

    eventually("a second try", again, |begun| *begun == 2).await;

    assert!(in_ledger(&store).await.contains("retry#evt_c1 claimed"));
}

/// A consumer that charges under `charge_NAME`, declines when there is too little, and writes it down in the table
/// that `NOTES_TABLE` names; and how often it charged.
fn charging() -> (Consumer<CustomerRegistered, String>, Arc<AtomicU64>) {
    let charged = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&charged);
    let decide = |event: Event<CustomerRegistered>, _: State| async move {
        let name = event.payload.name;
        let key = Key::new("id", name.clone());
        Ok(Work::act(name, move |result: Result<String, String>| match result {
            Ok(charge) => Work::did("charged").write(Write::put(
                NOTES,
                key,
                &json!({"charge": charge}),
                Only::IfAbsent,
            )),
            Err(reason) => Work::did(format!("declined: {reason}")),
        }))
    };
    let perform = move |name: String| {
        count.fetch_add(1, Relaxed);
        std::future::ready(Ok(match name.starts_with("poor") {
            true => Err("too little".to_owned()),
            false => Ok(format!("charge_{name}")),
        }))
    };
    (Consumer::with_effects("charging", |_| Vec::new(), decide, perform), charged)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_is_not_done_again_when_what_follows_could_not_be_committed() {
    let store = Store::start(&[]).await;
    let handle = async |tables: &[(&str, &str)]| {
        let (consumer, charged) = charging();
        let runtime = with_settings(&store, consumer, tables);
        let batch = batch(&[("rich", ""), ("poor", "")]);
        (handle(&runtime, batch, Duration::from_secs(5)).await, charged.load(Relaxed))
    };

    // The table is not known: a charge can't be written down, which may pass.
    assert_eq!(handle(&[]).await, (vec!["rich".to_owned()], 2));
    // Another process, which knows it.
    assert_eq!(handle(&[("NOTES_TABLE", "fanfare-EmailTable")]).await, (vec![], 0));

    let notes = store.aws.items("EmailTable").await;
    let charge = notes.iter().find(|note| note["id"] == "rich").expect("a note");
    assert_eq!(charge["charge"], "charge_rich");
    let ledger = store.aws.items("LedgerTable").await;
    let did =
        |id: &str| ledger.iter().find(|item| item["id"] == id).expect("a record")["did"].clone();
    assert_eq!(did("charging#evt_rich"), "charged");
    assert_eq!(did("charging#evt_poor"), "declined: too little");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_that_is_done_is_committed_while_another_takes_its_time() {
    let store = Store::start(&[]).await;
    let perform = |name: String| async move {
        match name.as_str() {
            "slow" => std::future::pending().await,
            _ => Ok(()),
        }
    };
    let decide = |event: Event<CustomerRegistered>, _: State| async {
        Ok(match event.payload.name.as_str() {
            "plain" => Work::did("noted"),
            _ => Work::did("acted").effect(event.payload.name),
        })
    };
    let runtime =
        on(&store, "EmailQueue", Consumer::with_effects("each", |_| Vec::new(), decide, perform));

    let messages = batch(&[("slow", ""), ("quick", ""), ("plain", "")]);
    let handled = handle(&runtime, messages, Duration::from_secs(20));
    let committed = eventually(
        "what is done to be committed",
        async || in_ledger(&store).await,
        |ledger| {
            let is_done = |name: &str| ledger.contains(&format!("each#evt_{name} done"));
            is_done("quick") && is_done("plain")
        },
    );

    tokio::select! {
        failed = handled => panic!("the batch ended first: {failed:?}"),
        _ = committed => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_content_is_not_acted_on_once_an_effect_may_have_happened() {
    let store = Store::start(&[]).await;
    let (consumer, begun) = endless("fraud", UnknownOutcome::Retry);
    let runtime = on(&store, "EmailQueue", consumer);
    assert_eq!(handle(&runtime, batch(&[("c1", "")]), Duration::from_secs(1)).await, ["c1"]);

    let other = async || {
        let mut other = batch(&[("c1", "")]);
        let body = other.records[0].body.take();
        other.records[0].body = body.map(|body| body.replace("a@b.c", "d@e.f"));
        handle(&runtime, other, Duration::from_secs(1)).await
    };
    eventually("the lease to run out", other, |failed| failed.is_empty()).await;

    assert_eq!(begun.load(Relaxed), 1);
    let letter = store.aws.receive("EmailDeadLetters").await;
    let error = letter.message_attributes().expect("attributes")["fanfare.error"].string_value();
    let error = error.expect("a reason");
    assert!(error.contains("another content") && error.contains("digest"), "{error}");
}
