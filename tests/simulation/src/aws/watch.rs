//! What must hold at every moment: looked at around every write.

use crate::aws::dynamodb;
use crate::cloud::Cloud;
use crate::consumers::FIFO;
use crate::invocation::Invocation;
use crate::queues::{Message, Origin, Queue};
use crate::tables::{self, EVENTS, LEDGER, ORDERED, SAGAS, STOCK, number, text};
use dynoxide::Database;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Who made a claim, known by its token.
#[derive(Debug, Clone)]
struct Claim {
    invocation: String,
    skewed: bool,
}

/// Watches the stock and the ledger.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    least: Mutex<BTreeMap<String, i64>>,
    claims: Mutex<BTreeMap<String, Claim>>,
    saga_written: AtomicBool,
    /// The items of the watched tables, as they are.
    items: Mutex<BTreeMap<(&'static str, String), Value>>,
}

/// An item that a write is about to change.
struct Change {
    table: &'static str,
    key: Value,
    /// What it was before.
    old: Value,
    /// The event that is put there.
    put: Option<Value>,
}

/// What a write is about to change.
pub(crate) struct Before {
    changes: Vec<Change>,
    /// What leaves with shipments in the same transaction.
    dispatched: BTreeMap<String, i64>,
}

impl Watch {
    /// The least that was ever available of a SKU, if any of it was ever taken.
    pub(crate) fn least_available(&self, sku: &str) -> Option<i64> {
        self.least.lock().unwrap_or_else(PoisonError::into_inner).get(sku).copied()
    }

    /// Whether a saga was written since this was last asked.
    pub(crate) fn take_saga_written(&self) -> bool {
        self.saga_written.swap(false, Ordering::Relaxed)
    }

    /// Looks at what a request is about to write.
    pub(crate) fn before(&self, db: &Database, operation: &str, body: &mut Value) -> Before {
        let watched = |action: &&mut Value| {
            let table = action["TableName"].as_str()?;
            let table = [EVENTS, LEDGER, STOCK, ORDERED].into_iter().find(|name| *name == table)?;
            let (key, put) = match &action["Item"] {
                Value::Null => (action["Key"].clone(), None),
                // An item of another table may be a repeat that DynamoDB knows by its token, and does not put again.
                item => {
                    let put = Some(item).filter(|_| table == EVENTS).cloned();
                    (tables::key_of(table, item), put)
                }
            };
            let old = self.known(db, table, &key);
            Some(Change { table, key, old, put })
        };
        let actions = dynamodb::actions(operation, body);
        if actions.iter().any(|action| action["TableName"] == SAGAS) {
            self.saga_written.store(true, Ordering::Relaxed);
        }
        let changes = actions.iter().filter_map(watched).collect();
        Before { changes, dispatched: dispatched(&actions) }
    }

    /// An item as it was last seen here: all that functions write goes past. What was never seen is read once; an event
    /// was never there.
    fn known(&self, db: &Database, table: &'static str, key: &Value) -> Value {
        let known = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(&(table, key.to_string())) {
            Some(item) => item.clone(),
            None if table == EVENTS => Value::Null,
            None => tables::get(db, table, key),
        }
    }

    fn keep(&self, table: &'static str, key: &Value, item: Value) {
        let mut known = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((table, key.to_string()), item);
    }

    /// Looks at what it wrote.
    pub(crate) fn after(&self, cloud: &Cloud, writer: Option<&Invocation>, before: Before) {
        for Change { table, key, old, put } in before.changes {
            let new = put.unwrap_or_else(|| tables::get(&cloud.database, table, &key));
            self.keep(table, &key, new.clone());
            let broken = match table {
                STOCK => self.stock(&old, &new, &before.dispatched),
                ORDERED => order(cloud, &old, &new),
                EVENTS => stream(cloud, &old, new.clone()),
                _ => self.record(cloud, writer, &old, &new),
            };
            if let Some(broken) = broken {
                cloud.history.violation(format!("{broken}: {key} was {old}, became {new}"));
            }
        }
    }

    fn stock(
        &self,
        old: &Value,
        new: &Value,
        dispatched: &BTreeMap<String, i64>,
    ) -> Option<&'static str> {
        let sku = text(new, "sku");
        let (available, reserved) = (number(new, "available")?, number(new, "reserved")?);
        let on_hand = number(old, "available")? + number(old, "reserved")?;
        let leaves = dispatched.get(sku).copied().unwrap_or(0);
        let mut least = self.least.lock().unwrap_or_else(PoisonError::into_inner);
        let least = least.entry(sku.to_owned()).or_insert(available);
        *least = available.min(*least);
        match () {
            () if available < 0 || reserved < 0 => Some("the stock is negative"),
            // The SDK may ask for the same transaction once more.
            () if new == old => None,
            () if available + reserved + leaves != on_hand => Some("stock was lost or made"),
            () => None,
        }
    }

    fn record(
        &self,
        cloud: &Cloud,
        writer: Option<&Invocation>,
        old: &Value,
        new: &Value,
    ) -> Option<&'static str> {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        let (was, is) = (text(old, "outcome"), text(new, "outcome"));
        if was == "done" && (is != "done" || text(old, "did") != text(new, "did")) {
            return Some("what was done was undone");
        }
        if !old["effect"].is_null() && new["effect"] != old["effect"] {
            return Some("an effect's result was lost");
        }
        let writer = writer?;
        let (held, taken) = (text(old, "token"), text(new, "token"));
        let claim = claims.get(held).cloned();
        if is == "claimed" && taken != held {
            let made = Claim { invocation: writer.name.clone(), skewed: writer.skewed };
            claims.insert(taken.to_owned(), made);
        }
        let claim = claim.filter(|claim| was == "claimed" && claim.invocation != writer.name)?;
        let runs = number(old, "leaseUntil") > Some(cloud.time.now().as_millisecond())
            && !claim.skewed
            && !writer.skewed;
        match is {
            // What needs no effect after all is done once the lease has run out, unless somebody is to look first.
            "done" if runs || text(new, "id").starts_with("ringing#") => {
                Some("another's claim was completed")
            }
            "claimed" if taken != held && runs => Some("a running lease was taken over"),
            _ if taken != held && runs => Some("another's running lease was released"),
            _ => None,
        }
    }
}

/// What the events of a transaction say to have left with shipments, by SKU.
fn dispatched(actions: &[&mut Value]) -> BTreeMap<String, i64> {
    let mut pieces = BTreeMap::new();
    let events = actions.iter().filter(|action| action["TableName"] == EVENTS);
    for event in events.map(|action| &action["Item"]) {
        if text(event, "eventType") != "InventoryDispatched" {
            continue;
        }
        let envelope: Value = serde_json::from_str(text(event, "envelope")).unwrap_or_default();
        for item in envelope["payload"]["items"].as_array().into_iter().flatten() {
            let sku = item["sku"].as_str().unwrap_or_default().to_owned();
            *pieces.entry(sku).or_default() += item["quantity"].as_i64().unwrap_or(0);
        }
    }
    pieces
}

/// What is new in the event table is a record of its stream.
fn stream(cloud: &Cloud, old: &Value, new: Value) -> Option<&'static str> {
    if old.is_null() {
        cloud.shards.insert(new);
    }
    None
}

/// What comes through a FIFO queue is applied in its order, but for what an operator sent back into it. SQS moves what
/// has used up its receives to the dead-letter queue, and the group goes on behind it.
fn order(cloud: &Cloud, old: &Value, new: &Value) -> Option<&'static str> {
    let pair = cloud.pair(FIFO);
    let of = |item: &Value| Origin::Event(text(item, "eventId").to_owned());
    if text(new, "eventId") == text(old, "eventId") {
        // The SDK asked for the same transaction once more.
        return None;
    }
    let (before, now) = (version_of(old), version_of(new));
    let redriven = pair.queue.was_redriven(&of(new)) || pair.queue.was_redriven(&of(old));
    let dead = dead_versions(&pair.dead_letters, text(new, "customerId"));
    let is_next = now > before && (before + 1..now).all(|passed_over| dead.contains(&passed_over));
    (!is_next && !redriven).then_some("the order of a group was not kept")
}

/// The version of the event that an item was written for; 0 when there is none.
fn version_of(item: &Value) -> i64 {
    number(item, "version").unwrap_or(0)
}

/// The versions of a customer's events that are in the dead-letter queue.
fn dead_versions(dead_letters: &Queue, customer: &str) -> BTreeSet<i64> {
    let version = |letter: Message| {
        let event: Value = serde_json::from_str(&letter.body).ok()?;
        let is_theirs = event["payload"]["customerId"] == customer;
        event["version"].as_i64().filter(|_| is_theirs)
    };
    dead_letters.messages().into_iter().filter_map(version).collect()
}
