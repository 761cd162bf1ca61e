//! Rules of the consumer runtime that none of the store's consumers needs, or that need a service which is down: FIFO
//! groups, effects that must not happen twice, the brake, the end of an invocation. The runtime is this process's own; DynamoDB and SQS are the runner's.

use aws_lambda_events::sqs::SqsEvent;
use event_schema::CustomerRegistered;
use fanfare::{
    Clients, Clock, Consumer, Failure, Host, Key, Only, Runtime, State, Table, UnknownOutcome,
    Work, Write,
};
use fanfare::{Event, Payload, Timestamp};
use fanfare_bootstrap::Environment;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use system_tests::{Aws, Store, eventually};

const NOTES: Table = Table::named_by("NOTES_TABLE");

/// A consumer on the runner's tables, fed from the queue of this name.
fn on<P, Fx>(store: &Store, queue: &str, consumer: Consumer<P, Fx>) -> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    with_dead_letters(store, queue, "EmailDeadLetters", consumer)
}

fn with_dead_letters<P, Fx>(
    store: &Store,
    queue: &str,
    dead_letters: &str,
    consumer: Consumer<P, Fx>,
) -> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    let url = |queue: &str| format!("{}/000000000000/fanfare-{queue}", store.aws.endpoint());
    with_settings(
        store,
        consumer,
        &[("QUEUE_URL", &url(queue)), ("DEAD_LETTER_QUEUE_URL", &url(dead_letters))],
    )
}

fn with_settings<P, Fx>(
    store: &Store,
    consumer: Consumer<P, Fx>,
    settings: &[(&str, &str)],
) -> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    let (dynamodb, sqs) = store.aws.clients();
    let always = [("LEDGER_TABLE", "fanfare-LedgerTable"), ("QUEUE_URL", "none")];
    let environment = Environment::from_iter(always.into_iter().chain(settings.iter().copied()));
    consumer.on(Clients { dynamodb, sqs }, &environment, Host::real()).expect("it is set up")
}

fn batch(messages: &[(&str, &str)]) -> SqsEvent {
    let record = |&(name, group): &(&str, &str)| {
        let payload = json!({"customerId": name, "name": name, "email": "a@b.c"});
        let event = json!({"eventType": "CustomerRegistered", "eventId": format!("evt_{name}"),
                           "timestamp": "2024-01-15T10:30:00Z", "payload": payload});
        let mut attributes = json!({"ApproximateReceiveCount": "1"});
        if !group.is_empty() {
            attributes["MessageGroupId"] = json!(group);
        }
        json!({"messageId": name, "receiptHandle": "none", "body": event.to_string(),
               "attributes": attributes, "messageAttributes": {}})
    };
    let records: Vec<Value> = messages.iter().map(record).collect();
    serde_json::from_value(json!({"Records": records})).expect("a batch")
}

fn receive_count(times: &str) -> (String, String) {
    ("ApproximateReceiveCount".to_owned(), times.to_owned())
}

async fn handle<P, Fx>(runtime: &Runtime<P, Fx>, batch: SqsEvent, time: Duration) -> Vec<String>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    let response = runtime.handle(batch, Timestamp::now() + time).await;
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

async fn in_ledger(store: &Store) -> BTreeSet<String> {
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let items = store.aws.items("LedgerTable").await;
    items.iter().map(|item| format!("{} {}", text(item, "id"), text(item, "outcome"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_fifo_queue_a_group_stops_at_its_first_failure_and_the_others_go_on() {
    let store = Store::start(&[]).await;
    let consumer = Consumer::new("fifo", |event: Event<CustomerRegistered>| async move {
        match event.payload.name.as_str() {
            "a1" | "c1" => Err(Failure::retry("not now")),
            _ => Ok(Work::did("done")),
        }
    });
    let runtime = on(&store, "EmailQueue.fifo", consumer);

    let messages = [("a1", "a"), ("b1", "b"), ("a2", "a"), ("b2", "b"), ("c1", "c"), ("c2", "c")];
    let mut batch = batch(&messages);
    // It will not come back: its queue moves it to the dead letters.
    batch.records[4].attributes.extend([receive_count("5")]);
    let failed = handle(&runtime, batch, Duration::from_secs(5)).await;

    assert_eq!(failed, ["a1", "a2", "c1"]);
    let expected = [
        "fifo#evt_a1 failed",
        "fifo#evt_b1 done",
        "fifo#evt_b2 done",
        "fifo#evt_c1 dead-lettered",
        "fifo#evt_c2 done",
    ];
    assert_eq!(in_ledger(&store).await, BTreeSet::from(expected.map(str::to_owned)));
}

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
async fn while_a_mail_service_is_down_messages_are_held_back_but_for_their_last_try() {
    let store = Store::start(&[]).await;
    let tried = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&tried);
    let send = move |()| {
        count.fetch_add(1, Relaxed);
        std::future::ready(Err::<(), _>(Failure::unavailable("ses", "the mail was not taken")))
    };
    let decide =
        |_: Event<CustomerRegistered>, _: State| async { Ok(Work::did("mailed").effect(())) };
    let consumer = Consumer::with_effects("mailing", |_| Vec::new(), decide, send);
    let runtime = with_settings(&store, consumer, &[("MAX_RECEIVE_COUNT", "8")]);
    let handle = async |name: &str, times: &str| {
        let mut batch = batch(&[(name, "")]);
        batch.records[0].attributes.extend([receive_count(times)]);
        assert_eq!(handle(&runtime, batch, Duration::from_secs(5)).await, [name]);
        tried.load(Relaxed)
    };

    for n in 1..=5 {
        assert_eq!(handle(&format!("c{n}"), "1").await, n);
    }
    assert_eq!(handle("held", "7").await, 5);
    assert_eq!(handle("last", "8").await, 6);

    let ledger = in_ledger(&store).await;
    assert!(!ledger.iter().any(|record| record.contains("held")), "{ledger:?}");
    assert!(ledger.contains("mailing#evt_last dead-lettered"), "{ledger:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_at_the_end_of_a_batch_outlasts_no_invocation_and_the_brake_learns_of_it() {
    // It takes connections, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("its address"));
    let (dynamodb, sqs) = Aws::at(&url).await.clients();
    let handled = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&handled);
    let consumer = Consumer::new("hangs", move |_: Event<CustomerRegistered>| {
        count.fetch_add(1, Relaxed);
        async { Err(Failure::retry("not now")) }
    });
    let environment = Environment::from_iter([("LEDGER_TABLE", "ledger"), ("QUEUE_URL", "queue")]);
    let runtime = consumer.on(Clients { dynamodb, sqs }, &environment, Host::real());
    let runtime = runtime.expect("it is set up");

    for _ in 0..6 {
        let time = Duration::from_millis(500);
        let handle = handle(&runtime, batch(&[("c1", "")]), time);
        // Twice the time, for a machine that is busy.
        let failed = tokio::time::timeout(2 * time, handle).await.expect("it ends in time");
        assert_eq!(failed, ["c1"]);
    }

    assert_eq!(handled.load(Relaxed), 5, "the sixth is held back");
}

/// A consumer that counts whom it greets.
fn greeting() -> (Consumer<CustomerRegistered>, Arc<AtomicU64>) {
    let greeted = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&greeted);
    let consumer = Consumer::new("greeting", move |_: Event<CustomerRegistered>| {
        count.fetch_add(1, Relaxed);
        async { Ok(Work::did("greeted")) }
    });
    (consumer, greeted)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_that_its_environment_remembers_is_not_asked_about_and_any_other_is() {
    let store = Store::start(&[]).await;
    let (consumer, greeted) = greeting();
    let runtime = on(&store, "EmailQueue", consumer);
    let time = Duration::from_secs(5);
    assert!(handle(&runtime, batch(&[("c1", "")]), time).await.is_empty());
    assert!(handle(&runtime, batch(&[("c1", ""), ("c2", "")]), time).await.is_empty());
    assert_eq!(greeted.load(Relaxed), 2, "the repeat was not even decided about");

    // The same id with another content: the ledger knows better.
    let mut other = batch(&[("c1", "")]);
    other.records[0].body = other.records[0].body.take().map(|body| body.replace("a@b.c", "d@e.f"));
    assert!(handle(&runtime, other, time).await.is_empty());
    let letter = store.aws.receive("EmailDeadLetters").await;
    let error = letter.message_attributes().expect("attributes")["fanfare.error"].string_value();
    assert!(error.expect("a reason").contains("applied before with another content"), "{error:?}");

    // An environment that remembers nothing.
    let (consumer, greeted) = greeting();
    let runtime = on(&store, "EmailQueue", consumer);
    assert!(handle(&runtime, batch(&[("c1", "")]), time).await.is_empty());
    assert_eq!(greeted.load(Relaxed), 1, "decided about, to find that it was applied");
    let ledger = in_ledger(&store).await;
    let expected = ["greeting#evt_c1 done", "greeting#evt_c2 done"];
    assert_eq!(ledger, BTreeSet::from(expected.map(str::to_owned)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_not_remembered_as_applied() {
    let store = Store::start(&[]).await;
    let tries = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&tries);
    let consumer = Consumer::new("hesitant", move |_: Event<CustomerRegistered>| {
        let is_first = count.fetch_add(1, Relaxed) == 0;
        async move { if is_first { Err(Failure::retry("not now")) } else { Ok(Work::did("done")) } }
    });
    let runtime = on(&store, "EmailQueue", consumer);
    let time = Duration::from_secs(5);
    assert_eq!(handle(&runtime, batch(&[("c1", "")]), time).await, ["c1"]);
    assert!(handle(&runtime, batch(&[("c1", "")]), time).await.is_empty());
    assert!(in_ledger(&store).await.contains("hesitant#evt_c1 done"));
}

/// The machine's clock, and so many seconds.
#[derive(Clone, Default)]
struct Ahead(Arc<AtomicU64>);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        Timestamp::now() + Duration::from_secs(self.0.load(Relaxed))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_repeat_proves_nothing_about_a_service_that_was_down() {
    let store = Store::start(&[]).await;
    let tried = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&tried);
    let send = move |()| {
        let is_first = count.fetch_add(1, Relaxed) == 0;
        let down = || Failure::unavailable("ses", "the mail was not taken");
        std::future::ready(if is_first { Ok(()) } else { Err(down()) })
    };
    let decide =
        |_: Event<CustomerRegistered>, _: State| async { Ok(Work::did("mailed").effect(())) };
    let consumer = Consumer::with_effects("mailing", |_| Vec::new(), decide, send);
    let clock = Ahead::default();
    let (dynamodb, sqs) = store.aws.clients();
    let settings = [("LEDGER_TABLE", "fanfare-LedgerTable"), ("QUEUE_URL", "none")];
    let host = Host::simulated(clock.clone(), 1);
    let runtime = consumer
        .on(Clients { dynamodb, sqs }, &Environment::from_iter(settings), host)
        .expect("it is set up");
    let handle = async |names: &[&str]| {
        let messages: Vec<_> = names.iter().map(|name| (*name, "")).collect();
        let deadline = clock.now() + Duration::from_secs(5);
        runtime.handle(batch(&messages), deadline).await;
        tried.load(Relaxed)
    };

    assert_eq!(handle(&["c0"]).await, 1, "it works");
    assert_eq!(handle(&["c1", "c2", "c3", "c4", "c5"]).await, 6);
    for n in 6..10 {
        handle(&[&format!("c{n}")]).await;
    }
    let down = tried.load(Relaxed);
    assert_eq!(handle(&["c10"]).await, down, "the brake is on");

    clock.0.store(60, Relaxed);
    let tried = handle(&["c0", "c11", "c12"]).await;
    assert_eq!(
        tried,
        down + 1,
        "the repeat is no probe, the next one is, and the last is held back"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_done_even_if_its_handler_would_refuse_it_now() {
    let store = Store::start(&[]).await;
    let fail: [fn() -> Failure; 2] =
        [|| Failure::permanent("it was spent"), || Failure::retry("not yet")];
    for (name, fail) in ["refusing", "hoping"].into_iter().zip(fail) {
        let calls = Arc::new(AtomicU64::new(0));
        // A process of its own each time, which remembers nothing.
        let handle = async || {
            let count = Arc::clone(&calls);
            let consumer = Consumer::new(name, move |_: Event<CustomerRegistered>| {
                let is_first = count.fetch_add(1, Relaxed) == 0;
                async move { if is_first { Ok(Work::did("spent it")) } else { Err(fail()) } }
            });
            let runtime = on(&store, "EmailQueue", consumer);
            let failed = handle(&runtime, batch(&[("c1", "")]), Duration::from_secs(5)).await;
            assert!(failed.is_empty(), "{failed:?}");
        };

        handle().await;
        handle().await;

        assert!(calls.load(Relaxed) > 1);
        assert!(in_ledger(&store).await.contains(&format!("{name}#evt_c1 done")));
    }
    assert_eq!(store.aws.depth("EmailDeadLetters").await, 0);
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
async fn a_handler_that_never_ends_fails_alone() {
    let store = Store::start(&[]).await;
    let consumer = Consumer::new("dreaming", |event: Event<CustomerRegistered>| async move {
        match event.payload.name.as_str() {
            "endless" => std::future::pending().await,
            _ => Ok(Work::did("done")),
        }
    });
    let runtime = on(&store, "EmailQueue", consumer);

    let messages = batch(&[("endless", ""), ("quick", "")]);
    let failed = handle(&runtime, messages, Duration::from_secs(1)).await;

    assert_eq!(failed, ["endless"]);
    let ledger = in_ledger(&store).await;
    let expected = ["dreaming#evt_endless failed", "dreaming#evt_quick done"];
    assert_eq!(ledger, BTreeSet::from(expected.map(str::to_owned)));
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
