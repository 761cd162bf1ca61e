//! A consumer runtime of this process's own, on the runner's DynamoDB and SQS.

use event_schema::CustomerRegistered;
use fanfare::aws::SqsEvent;
use fanfare::{Clients, Consumer, Environment, Event, Host, Payload, Runtime, Timestamp, Work};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use system_tests::Store;

/// A consumer on the runner's tables, fed from the queue of this name.
pub(crate) fn on<P, Fx>(store: &Store, queue: &str, consumer: Consumer<P, Fx>) -> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    with_dead_letters(store, queue, "EmailDeadLetters", consumer)
}

pub(crate) fn with_dead_letters<P, Fx>(
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

pub(crate) fn with_settings<P, Fx>(
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

pub(crate) fn batch(messages: &[(&str, &str)]) -> SqsEvent {
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

pub(crate) fn receive_count(times: &str) -> (String, String) {
    ("ApproximateReceiveCount".to_owned(), times.to_owned())
}

/// That a message was first received so many hours ago.
pub(crate) fn first_received(hours: u64) -> (String, String) {
    let at = Timestamp::now() - Duration::from_secs(hours * 60 * 60);
    ("ApproximateFirstReceiveTimestamp".to_owned(), at.as_millisecond().to_string())
}

pub(crate) async fn handle<P, Fx>(
    runtime: &Runtime<P, Fx>,
    batch: SqsEvent,
    time: Duration,
) -> Vec<String>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    let response = runtime.handle(batch, Timestamp::now() + time).await;
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

pub(crate) async fn in_ledger(store: &Store) -> BTreeSet<String> {
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let items = store.aws.items("LedgerTable").await;
    items.iter().map(|item| format!("{} {}", text(item, "id"), text(item, "outcome"))).collect()
}

/// A consumer that counts whom it greets.
pub(crate) fn greeting() -> (Consumer<CustomerRegistered>, Arc<AtomicU64>) {
    let greeted = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&greeted);
    let consumer = Consumer::new("greeting", move |_: Event<CustomerRegistered>| {
        count.fetch_add(1, Relaxed);
        async { Ok(Work::did("greeted")) }
    });
    (consumer, greeted)
}
