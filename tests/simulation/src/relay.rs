//! The relay and SNS: from the event table's stream to the subscribers' queues.

use crate::chance::Chance;
use crate::cloud::{Cloud, Pair, consumers};
use crate::consumers::{HOPELESS, KILLER};
use crate::faults::Fault;
use crate::queues::Origin;
use crate::tables::{EVENTS, text};
use dynoxide::streams::shard_id;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// How long it takes to see what was written.
const PAUSE: Duration = Duration::from_millis(200);

/// How much dearer an order is made by who tampers with it.
pub(crate) const TAMPERED_BY: u64 = 1_000_000;

/// Announces every event until the run is over.
pub(crate) async fn run(cloud: Arc<Cloud>) {
    let relay = Relay { chance: Chance::new(cloud.seed, "relay"), cloud };
    let mut iterator = relay.beginning();
    while !relay.cloud.is_over() {
        let request = json!({"ShardIterator": iterator, "Limit": 100});
        let request = serde_json::from_value(request).expect("a request");
        let answer = relay.cloud.database.get_records(request).expect("records");
        iterator = answer.next_shard_iterator.expect("the stream goes on");
        for record in &answer.records {
            let record = serde_json::to_value(record).expect("JSON");
            relay.announce(&record["dynamodb"]["NewImage"]);
        }
        if answer.records.is_empty() {
            relay.cloud.written.notified().await;
        }
        sleep(PAUSE).await;
    }
}

struct Relay {
    chance: Chance,
    cloud: Arc<Cloud>,
}

impl Relay {
    fn beginning(&self) -> String {
        let table = json!({"TableName": EVENTS});
        let table = serde_json::from_value(table).expect("a request");
        let table = self.cloud.database.describe_table(table).expect("a table");
        let table = serde_json::to_value(table).expect("JSON");
        let request = json!({
            "StreamArn": table["Table"]["LatestStreamArn"],
            "ShardId": shard_id(EVENTS), "ShardIteratorType": "TRIM_HORIZON",
        });
        let request = serde_json::from_value(request).expect("a request");
        let answer = self.cloud.database.get_shard_iterator(request).expect("an iterator");
        answer.shard_iterator.expect("an iterator")
    }

    /// Sends an event to every queue that subscribes to its type.
    fn announce(&self, image: &Value) {
        let event_type = text(image, "eventType");
        for (consumer, types) in consumers() {
            if types.contains(&event_type) {
                self.deliver(self.cloud.pair(consumer), text(image, "envelope"));
            }
        }
    }

    fn deliver(&self, pair: &Pair, envelope: &str) {
        let faults = &self.cloud.faults;
        let event: Value = serde_json::from_str(envelope).expect("an envelope");
        let id = event["eventId"].as_str().expect("an id").to_owned();
        if pair.queue.is_fifo() {
            let group = event["stream"].as_str().expect("a stream");
            pair.queue.send_in_order(&self.cloud, envelope.to_owned(), Origin::Event(id), group);
            if faults.strike(Fault::Poison) {
                let body = self.poison(pair, &event);
                pair.queue.send_in_order(&self.cloud, body, Origin::Poison, group);
            }
            return;
        }
        let copies = if faults.strike(Fault::DuplicateDelivery) { 2 } else { 1 };
        for _ in 0..copies {
            let delay = match faults.strike(Fault::DelayedDelivery) {
                true => Duration::from_millis(faults.chance().magnitude(100..=100_000)),
                false => self.chance.millis(5..=50),
            };
            let body = self.wrapped(envelope);
            pair.queue.send(&self.cloud, body, json!({}), Origin::Event(id.clone()), delay);
        }
        if faults.strike(Fault::Poison) {
            let body = self.poison(pair, &event);
            let delay = self.chance.millis(5..=500);
            pair.queue.send(&self.cloud, body, json!({}), Origin::Poison, delay);
        }
        for (fault, name) in [(Fault::Killer, KILLER), (Fault::Hopeless, HOPELESS)] {
            if pair.consumer == "noticing" && faults.strike(fault) {
                let mut event = event.clone();
                event["eventId"] = format!("{name}_{}", self.cloud.id()).into();
                let delay = self.chance.millis(5..=500);
                let body = event.to_string();
                pair.queue.send(&self.cloud, body, json!({}), Origin::Poison, delay);
            }
        }
        if event["eventType"] == "OrderPlaced" && faults.would_strike(Fault::Tampered) {
            let (cloud, consumer) = (Arc::clone(&self.cloud), pair.consumer);
            match faults.chance().happens(0.5) {
                true => drop(tokio::spawn(tamper_late(cloud, consumer, id, event))),
                false => tamper(&cloud, consumer, id, event, false),
            }
        }
    }

    /// An envelope as it is, or in SNS's notification: both are documented forms of delivery.
    fn wrapped(&self, envelope: &str) -> String {
        match self.chance.happens(0.9) {
            true => envelope.to_owned(),
            false => json!({
                "Type": "Notification", "MessageId": self.cloud.id(), "TopicArn": "events",
                "Message": envelope, "Timestamp": self.cloud.time.now().to_string(),
            })
            .to_string(),
        }
    }

    /// A body that no retry can help, in one of the ways that one can be.
    fn poison(&self, pair: &Pair, event: &Value) -> String {
        let mut event = event.clone();
        event["eventId"] = format!("evt_poison_{}", self.cloud.id()).into();
        // Those that only time can tell from what a newer build has written make a run long.
        let most = if self.chance.happens(0.2) { 5 } else { 3 };
        match self.chance.between(0..=most) {
            0 => return format!("not JSON {}", self.cloud.id()),
            4 => event["eventType"] = "NeverHeardOf".into(),
            5 => event["schemaVersion"] = 99.into(),
            1 => event["payload"] = json!({"orderId": "a b"}),
            // What only the handler can tell: a line break in a name would forge a mail's header.
            2 if pair.consumer == "email" => {
                event["eventType"] = "CustomerRegistered".into();
                event["payload"] =
                    json!({"customerId": "cust_x", "name": "X\nBcc: y", "email": "x"});
            }
            _ => event["timestamp"] = "yesterday".into(),
        }
        event.to_string()
    }
}

/// Sends other content under the id of an event once the event was handled.
async fn tamper_late(cloud: Arc<Cloud>, consumer: &'static str, id: String, event: Value) {
    let event_id = Origin::Event(id.clone());
    while !cloud.pair(consumer).queue.has_handled(&event_id) {
        sleep(Duration::from_secs(1)).await;
        if cloud.is_over() {
            return;
        }
    }
    tamper(&cloud, consumer, id, event, true);
}

/// Sends other content under the id of an event: whichever is handled first is the true one.
fn tamper(cloud: &Cloud, consumer: &str, event: String, mut content: Value, late: bool) {
    let total = content["payload"]["totalAmount"].as_u64().unwrap_or(0);
    content["payload"]["totalAmount"] = (total + TAMPERED_BY).into();
    cloud.faults.count(Fault::Tampered);
    let delay = Duration::from_millis(cloud.faults.chance().magnitude(1..=5_000));
    let origin = Origin::Tampered { event, late };
    cloud.pair(consumer).queue.send(cloud, content.to_string(), json!({}), origin, delay);
}
