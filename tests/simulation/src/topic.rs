//! The topic: what SNS delivers of an event that it took, and in which order it took them.

use crate::chance::Chance;
use crate::cloud::{Cloud, Pair, consumers};
use crate::consumers::{HOPELESS, KILLER};
use crate::faults::Fault;
use crate::queues::Origin;
use crate::tampering::{tamper, tamper_late};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often one event may be published: each time is paid for by every consumer.
const MOST_COPIES: u32 = 150;

/// What was published.
#[derive(Debug)]
pub(crate) struct Topic {
    chance: Chance,
    published: Mutex<Published>,
}

#[derive(Debug, Default)]
struct Published {
    /// How often each event was.
    copies: BTreeMap<String, u32>,
    /// The last version of each stream.
    last: BTreeMap<String, i64>,
}

impl Topic {
    pub(crate) fn new(seed: u64) -> Self {
        Self { chance: Chance::new(seed, "topic"), published: Mutex::default() }
    }

    fn published(&self) -> MutexGuard<'_, Published> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an event was published.
    pub(crate) fn has(&self, event: &str) -> bool {
        self.published().copies.contains_key(event)
    }

    /// Takes note of an event, and gives whether it is the first copy. The first copies of a stream come in its order.
    fn note(&self, cloud: &Cloud, id: &str, stream: &str, version: i64) -> bool {
        let mut published = self.published();
        let copies = published.copies.entry(id.to_owned()).or_default();
        *copies += 1;
        if *copies == MOST_COPIES {
            cloud.history.violation(format!("a hot loop: {id} was published {copies} times"));
        }
        let is_first = *copies == 1;
        let last = published.last.entry(stream.to_owned()).or_default();
        let before = *last;
        *last = version.max(before);
        if is_first && version != before + 1 && cloud.shards.keeps_order_of(stream) {
            let what = format!("{stream} was published out of order: {version} after {before}");
            cloud.history.violation(what);
        }
        is_first
    }
}

/// Takes an event, and sends it to every queue that subscribes to its type.
pub(crate) fn take(cloud: &Arc<Cloud>, envelope: &str, event_type: &str) {
    let Ok(event) = serde_json::from_str::<Value>(envelope) else {
        cloud.history.violation(format!("what is no event was published: {envelope}"));
        return;
    };
    let id = event["eventId"].as_str().unwrap_or_default().to_owned();
    let stream = event["stream"].as_str().unwrap_or_default().to_owned();
    let version = event["version"].as_i64().unwrap_or(0);
    let is_first = cloud.topic.note(cloud, &id, &stream, version);
    let delivery = Delivery { cloud, envelope, event, id, stream, is_first };
    for (consumer, types) in consumers() {
        if types.contains(&event_type) {
            delivery.to(cloud.pair(consumer));
        }
    }
}

/// An event on its way to its subscribers.
struct Delivery<'a> {
    cloud: &'a Arc<Cloud>,
    envelope: &'a str,
    event: Value,
    id: String,
    stream: String,
    /// Whether it was never published before: a FIFO queue takes no second one of the same id.
    is_first: bool,
}

impl Delivery<'_> {
    fn chance(&self) -> &Chance {
        &self.cloud.topic.chance
    }

    fn to(&self, pair: &Pair) {
        if pair.queue.is_fifo() {
            return self.in_order(pair);
        }
        let faults = &self.cloud.faults;
        let copies = if faults.strike(Fault::DuplicateDelivery) { 2 } else { 1 };
        for _ in 0..copies {
            let delay = match faults.strike(Fault::DelayedDelivery) {
                true => Duration::from_millis(faults.chance().magnitude(100..=100_000)),
                false => self.chance().millis(5..=50),
            };
            let origin = Origin::Event(self.id.clone());
            pair.queue.send(self.cloud, self.wrapped(), json!({}), origin, delay);
        }
        self.intrude(pair);
        let is_order = self.is_first && self.event["eventType"] == "OrderPlaced";
        if is_order && faults.would_strike(Fault::Tampered) {
            let (cloud, consumer) = (Arc::clone(self.cloud), pair.consumer);
            let (id, event) = (self.id.clone(), self.event.clone());
            match faults.chance().happens(0.5) {
                true => drop(tokio::spawn(tamper_late(cloud, consumer, id, event))),
                false => tamper(&cloud, consumer, id, event, false),
            }
        }
    }

    fn in_order(&self, pair: &Pair) {
        if !self.is_first {
            return;
        }
        let origin = Origin::Event(self.id.clone());
        pair.queue.send_in_order(self.cloud, self.envelope.to_owned(), origin, &self.stream);
        if self.cloud.faults.strike(Fault::Poison) {
            let poison = self.poison(pair);
            pair.queue.send_in_order(self.cloud, poison, Origin::Poison, &self.stream);
        }
    }

    /// Sends what nobody can handle beside it.
    fn intrude(&self, pair: &Pair) {
        let send = |body: String| {
            let delay = self.chance().millis(5..=500);
            pair.queue.send(self.cloud, body, json!({}), Origin::Poison, delay);
        };
        if self.cloud.faults.strike(Fault::Poison) {
            send(self.poison(pair));
        }
        for (fault, name) in [(Fault::Killer, KILLER), (Fault::Hopeless, HOPELESS)] {
            if pair.consumer == "noticing" && self.cloud.faults.strike(fault) {
                let mut event = self.event.clone();
                event["eventId"] = format!("{name}_{}", self.cloud.id()).into();
                send(event.to_string());
            }
        }
    }

    /// An envelope as it is, or in SNS's notification: both are documented forms of delivery.
    fn wrapped(&self) -> String {
        match self.chance().happens(0.9) {
            true => self.envelope.to_owned(),
            false => json!({
                "Type": "Notification", "MessageId": self.cloud.id(), "TopicArn": "events",
                "Message": self.envelope, "Timestamp": self.cloud.time.now().to_string(),
            })
            .to_string(),
        }
    }

    /// A body that no retry can help, in one of the ways that one can be.
    fn poison(&self, pair: &Pair) -> String {
        let mut event = self.event.clone();
        event["eventId"] = format!("evt_poison_{}", self.cloud.id()).into();
        // Those that only time can tell from what a newer build has written make a run long.
        let most = if self.chance().happens(0.2) { 5 } else { 3 };
        match self.chance().between(0..=most) {
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
