//! Announcements: an event goes wherever its stream stands, whoever else appends to it.

use crate::kit::{batch, handle, in_ledger, on, with_settings};
use event_schema::CustomerRegistered;
use fanfare::{Consumer, Event, Failure, NoEffect, Runtime, Work};
use futures_util::future::join_all;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use system_tests::Store;

/// Somebody came in by a door.
#[fanfare::event(stream = "door-{door}", correlation = name)]
pub(crate) struct CameIn {
    /// The door.
    pub(crate) door: String,
    /// Who it was.
    pub(crate) name: String,
}

const TIME: Duration = Duration::from_secs(20);
const EVENTS: (&str, &str) = ("EVENTS_TABLE", "fanfare-EventsTable");

/// A consumer that announces everybody twice on one stream.
fn doorman(name: &'static str, door: &'static str) -> Consumer<CustomerRegistered> {
    let announce = move |event: Event<CustomerRegistered>| async move {
        let came = CameIn { door: door.to_owned(), name: event.payload.name };
        Ok(Work::did("announced").announce(&came).announce(&came))
    };
    Consumer::new(name, announce).announces::<CameIn>()
}

/// The versions of a stream, and whose event each is.
async fn stream(store: &Store, name: &str) -> Vec<(u64, String)> {
    let items = store.aws.items("EventsTable").await;
    let of_stream = items.into_iter().filter(|item| item["stream"] == name);
    let mut events: Vec<_> = of_stream
        .map(|item| {
            let json = item["envelope"].as_str().expect("an envelope");
            let envelope: Value = serde_json::from_str(json).expect("JSON");
            let name = envelope["payload"]["name"].as_str().unwrap_or_default().to_owned();
            (item["version"].as_u64().expect("a version"), name)
        })
        .collect();
    events.sort();
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_several_messages_and_batches_follow_one_another_on_one_stream() {
    // Given a consumer whose messages all go to one stream.
    let store = Store::start(&[]).await;
    let runtime = with_settings(&store, doorman("doorman", "front"), &[EVENTS]);

    // When a batch is handled, then another by the same environment, and one by an environment that knows nothing.
    let names = [["ada", "bob"], ["cyd", "dan"]];
    for [one, other] in names {
        assert!(handle(&runtime, batch(&[(one, ""), (other, "")]), TIME).await.is_empty());
    }
    let another = with_settings(&store, doorman("doorman", "front"), &[EVENTS]);
    assert!(handle(&another, batch(&[("eve", "")]), TIME).await.is_empty());

    // Then each has its places, and none is left out.
    let expected = ["ada", "ada", "bob", "bob", "cyd", "cyd", "dan", "dan", "eve", "eve"];
    let expected = (1..).zip(expected.map(str::to_owned));
    assert_eq!(stream(&store, "door-front").await, expected.collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn consumers_that_race_on_one_stream_all_succeed() {
    // Given environments of two consumers that share a stream.
    let store = Store::start(&[]).await;
    let names = ["doorman", "porter", "doorman", "porter"];
    let runtimes = names.map(|name| with_settings(&store, doorman(name, "back"), &[EVENTS]));

    // When each handles messages of its own at the same time.
    let race = |n: usize, runtime: Runtime<CustomerRegistered, NoEffect>| async move {
        for round in 0..5 {
            let name = format!("guest{n}-{round}");
            // What is overtaken too often comes back, as by its queue.
            while !handle(&runtime, batch(&[(&name, "")]), TIME).await.is_empty() {}
        }
    };
    join_all(runtimes.into_iter().enumerate().map(|(n, runtime)| race(n, runtime))).await;

    // Then the stream has every event once, without gaps.
    let events = stream(&store, "door-back").await;
    assert_eq!(events.len(), 4 * 5 * 2);
    assert!(events.iter().zip(1..).all(|((version, _), n)| *version == n), "{events:?}");
    let guests: BTreeSet<_> = events.iter().map(|(_, name)| name).collect();
    assert_eq!(guests.len(), 4 * 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_be_first_and_is_not_is_told_of_the_stream_and_of_what_to_use() {
    // Given a consumer whose events must begin their streams, and no other way out.
    let store = Store::start(&[]).await;
    let first = |event: Event<CustomerRegistered>| async move {
        let came = CameIn { door: "side".to_owned(), name: event.payload.name };
        Ok::<_, Failure>(Work::did("announced").announce_first(&came))
    };
    let consumer = Consumer::new("first", first).announces::<CameIn>();
    let url = format!("{}/000000000000/fanfare-EmailDeadLetters", store.aws.endpoint());
    let settings = [EVENTS, ("DEAD_LETTER_QUEUE_URL", url.as_str())];
    let runtime = with_settings(&store, consumer, &settings);

    // When a second one comes.
    assert!(handle(&runtime, batch(&[("ada", "")]), TIME).await.is_empty());
    assert!(handle(&runtime, batch(&[("bob", "")]), TIME).await.is_empty());

    // Then its dead letter names stream, type and remedy.
    assert!(in_ledger(&store).await.contains("first#evt_bob dead-lettered"));
    let letter = store.aws.receive("EmailDeadLetters").await;
    let error = letter.message_attributes().expect("attributes")["fanfare.error"].string_value();
    let error = error.expect("a reason");
    for word in ["door-side", "CameIn", "use announce"] {
        assert!(error.contains(word), "{word} is not in {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_event_store_the_message_comes_back_and_says_which_variable_is_missing() {
    let store = Store::start(&[]).await;
    // It does not say that it announces, or it would not start.
    let announce = |event: Event<CustomerRegistered>| async move {
        let came = CameIn { door: "none".to_owned(), name: event.payload.name };
        Ok::<_, Failure>(Work::did("announced").announce(&came))
    };
    let runtime = on(&store, "EmailQueue", Consumer::new("storeless", announce));

    assert_eq!(handle(&runtime, batch(&[("ada", "")]), TIME).await, ["ada"]);

    let ledger = store.aws.items("LedgerTable").await;
    let error = ledger[0]["error"].as_str().expect("a reason");
    assert!(error.contains("EVENTS_TABLE"), "{error}");
}
