//! A stack with a past.

use crate::life::{LIVES, customer, events};
use aws_lambda_events::sqs::SqsEvent;
use aws_sdk_dynamodb::types::AttributeValue;
use event_schema::StoreEvent;
use fanfare::{Clients, Host, NoEffect, Runtime, SystemClock};
use fanfare_bootstrap::Environment;
use fanfare_event::{Envelope, Event, Timestamp};
use fanfare_event_store::EventStore;
use fanfare_local::{Options, Runner};
use fanfare_operate::{Connection, Progress, Target};
use read_models::views::{Control, Generation, PK, SK, Thing, counts_key, fold};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;

/// A stack without functions, but for `views`, which is this process's own.
pub(crate) struct Past {
    pub(crate) connection: Connection,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) store: EventStore,
    views: Runtime<StoreEvent, NoEffect>,
    /// Ends the stack when dropped.
    runner: Runner,
}

/// What is shown, by the item's key: its content without what differs between generations.
pub(crate) type Shown = BTreeMap<String, Value>;

impl Past {
    pub(crate) async fn start() -> Self {
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stack.yaml");
        let mut options = Options::new(template);
        options.port = 0;
        options.api_port = 0;
        let runner = Runner::start(options).await.unwrap();
        let target = Target::at(runner.endpoint());
        let connection = Connection::open(&target, &Environment::default()).await.unwrap();
        let dynamodb = connection.dynamodb().clone();
        let sqs = connection.sqs().clone();
        let environment = Environment::from_iter([
            ("LEDGER_TABLE", "fanfare-LedgerTable".to_owned()),
            ("VIEWS_TABLE", "fanfare-ViewsTable".to_owned()),
            ("QUEUE_URL", format!("{}/000000000000/fanfare-ViewsQueue", runner.endpoint())),
        ]);
        let clients = Clients { dynamodb: dynamodb.clone(), sqs: sqs.clone() };
        let views =
            views::consumer().on(clients, &environment, Host::simulated(SystemClock, 1)).unwrap();
        Self {
            connection,
            store: EventStore::new(dynamodb.clone(), "fanfare-EventsTable"),
            dynamodb,
            sqs,
            views,
            runner,
        }
    }

    pub(crate) fn url(&self, queue: &str) -> String {
        format!("{}/000000000000/fanfare-{queue}", self.runner.endpoint())
    }

    /// Appends events to the event store.
    pub(crate) async fn happened(&self, events: &[Envelope]) {
        for event in events {
            let put = self.store.put(event).unwrap();
            let put =
                self.dynamodb.put_item().table_name(put.table_name()).set_item(Some(put.item));
            put.send().await.unwrap();
        }
    }

    /// Delivers events to `views`.
    pub(crate) async fn heard(&self, events: &[Envelope]) {
        for batch in events.chunks(10) {
            self.delivered(batch.iter().map(|event| event.to_json().unwrap())).await;
        }
    }

    pub(crate) async fn delivered(&self, bodies: impl Iterator<Item = String>) {
        let record = |(n, body): (usize, String)| {
            json!({"messageId": n.to_string(), "receiptHandle": "none", "body": body,
                   "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}})
        };
        let records: Vec<Value> = bodies.enumerate().map(record).collect();
        let batch: SqsEvent = serde_json::from_value(json!({"Records": records})).unwrap();
        let mut failed = batch;
        // What met another transaction too often comes back, as SQS has it.
        for _ in 0..50 {
            let response =
                self.views.handle(failed.clone(), Timestamp::now() + Duration::from_secs(20)).await;
            let again: Vec<_> =
                response.batch_item_failures.into_iter().map(|f| f.item_identifier).collect();
            failed.records.retain(|record| again.contains(record.message_id.as_ref().unwrap()));
            if failed.records.is_empty() {
                return;
            }
        }
        assert!(failed.records.is_empty(), "some events are never applied");
    }

    pub(crate) async fn items(&self, table: &str) -> Vec<Map<String, Value>> {
        let scan =
            self.dynamodb.scan().table_name(format!("fanfare-{table}")).consistent_read(true);
        let items: Result<Vec<_>, _> = scan.into_paginator().items().send().collect().await;
        serde_dynamo::from_items(items.unwrap()).unwrap()
    }

    pub(crate) async fn control(&self) -> Control {
        let items = self.items("ViewsTable").await;
        let control = items.into_iter().find(|item| item[PK] == "control");
        let control = control.map(|item| serde_json::from_value(Value::Object(item)).unwrap());
        control.unwrap_or_default()
    }

    /// What a reader of the views sees.
    pub(crate) async fn shown(&self) -> Shown {
        let active = self.control().await.active;
        let counts = counts_key(active);
        let mut shown = Shown::new();
        for item in self.items("ViewsTable").await {
            let is_counts = Some(item[PK].as_str().unwrap()) == counts.get(PK)
                && Some(item[SK].as_str().unwrap()) == counts.get(SK);
            if is_counts || item.get("generation") == Some(&active.0.into()) {
                let key = item[PK].as_str().unwrap().to_owned();
                shown.extend(plain(key, item));
            }
        }
        shown
    }

    /// Deletes every placed order of a generation from the views. Gives how many there were.
    pub(crate) async fn lose_orders(&self, generation: u64) -> usize {
        let mut lost = 0;
        for item in self.items("ViewsTable").await {
            if item.get("generation") == Some(&generation.into()) && item.contains_key("placedAt") {
                let key = |name: &str| AttributeValue::S(item[name].as_str().unwrap().to_owned());
                let delete = self.dynamodb.delete_item().table_name("fanfare-ViewsTable");
                delete.key(PK, key(PK)).key(SK, key(SK)).send().await.unwrap();
                lost += 1;
            }
        }
        lost
    }

    /// Puts an item into a table, whatever is there.
    pub(crate) async fn put(&self, table: &str, item: Value) {
        let item: HashMap<String, AttributeValue> = serde_dynamo::to_item(item).unwrap();
        let put = self.dynamodb.put_item().table_name(format!("fanfare-{table}"));
        put.set_item(Some(item)).send().await.unwrap();
    }
}

/// An item without what differs between generations, unless nothing is left.
fn plain(key: String, mut item: Map<String, Value>) -> Option<(String, Value)> {
    for name in [PK, SK, "generation", "owner", "revision", "appended"] {
        item.remove(name);
    }
    item.retain(|_, value| *value != 0);
    (!item.is_empty()).then_some((key, Value::Object(item)))
}

/// What should be shown of these events: each folded once, one after the other.
pub(crate) fn expected(events: &[Envelope]) -> Shown {
    let mut items: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for event in events {
        let event = Event::from_envelope(event).unwrap();
        let key = Thing::of(&event.payload).pk();
        let change = fold(items.get(&key), Generation(9), &event).unwrap();
        items.extend(change.item.map(|item| (key, item)));
        for (status, by) in change.counts {
            *counts.entry(status.to_string()).or_default() += by;
        }
    }
    let counts = json!(counts).as_object().unwrap().clone();
    let all = items.into_iter().chain([("counts".to_owned(), counts)]);
    all.filter_map(|(key, item)| plain(key, item)).collect()
}

/// A customer and so many orders, each of which goes its own way; some days ago.
pub(crate) fn past(orders: usize) -> Vec<Envelope> {
    let lives = LIVES.iter().cycle().enumerate().take(orders);
    let orders = lives.flat_map(|(n, life)| events(&format!("ord_{n}"), *life));
    let then = "2024-01-15T10:30:00Z".parse::<Timestamp>().unwrap();
    let shift = (Timestamp::now() - Duration::from_secs(3 * 24 * 60 * 60)).duration_since(then);
    let mut versions: BTreeMap<String, u64> = BTreeMap::new();
    let placed = customer().into_iter().chain(orders).map(|event| {
        let version = versions.entry(event.stream.clone().unwrap()).or_default();
        *version += 1;
        Envelope { version: Some(*version), timestamp: event.timestamp + shift, ..event }
    });
    placed.collect()
}

/// Events in another order, always the same.
pub(crate) fn shuffled(events: &[Envelope]) -> Vec<Envelope> {
    let mut events = events.to_vec();
    let mut seed = 7_u64;
    for n in (1..events.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        events.swap(n, (seed >> 33) as usize % (n + 1));
    }
    events
}

/// Does something when something begins, or goes on.
pub(crate) struct When<B, A>(pub(crate) B, pub(crate) A);

impl<B: Fn(&str) + Sync, A: Fn() + Sync> Progress for When<B, A> {
    fn begin(&self, what: &'static str) {
        (self.0)(what);
    }
    fn expect(&self, _: u64) {}
    fn advance(&self, _: u64) {
        (self.1)();
    }
}
