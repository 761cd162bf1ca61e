//! What must hold at every moment: looked at around every write.

use crate::aws::dynamodb;
use crate::cloud::Cloud;
use crate::consumers::FIFO;
use crate::invocation::Invocation;
use crate::queues::Origin;
use crate::tables::{self, LEDGER, ORDERED, STOCK, number, text};
use dynoxide::Database;
use serde_json::Value;
use std::collections::BTreeMap;
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
    on_hand: Mutex<BTreeMap<String, i64>>,
    claims: Mutex<BTreeMap<String, Claim>>,
}

/// The items that a write is about to change, as they were before it.
pub(crate) struct Before(Vec<(&'static str, Value, Value)>);

impl Watch {
    /// Tells what is on hand of a SKU, which no order changes.
    pub(crate) fn expect_on_hand(&self, sku: &str, pieces: i64) {
        let mut on_hand = self.on_hand.lock().unwrap_or_else(PoisonError::into_inner);
        on_hand.insert(sku.to_owned(), pieces);
    }

    /// Looks at what a request is about to write.
    pub(crate) fn before(&self, db: &Database, operation: &str, body: &mut Value) -> Before {
        let watched = |action: &&mut Value| {
            let table = action["TableName"].as_str()?;
            let table = [LEDGER, STOCK, ORDERED].into_iter().find(|name| *name == table)?;
            let key = match &action["Item"] {
                Value::Null => action["Key"].clone(),
                item => tables::key_of(table, item),
            };
            let item = tables::get(db, table, &key);
            Some((table, key, item))
        };
        let actions = dynamodb::actions(operation, body);
        Before(actions.iter().filter_map(watched).collect())
    }

    /// Looks at what it wrote.
    pub(crate) fn after(&self, cloud: &Cloud, writer: Option<&Invocation>, before: Before) {
        for (table, key, old) in before.0 {
            let new = tables::get(&cloud.database, table, &key);
            let broken = match table {
                STOCK => self.stock(&new),
                ORDERED => order(cloud, &old, &new),
                _ => self.record(cloud, writer, &old, &new),
            };
            if let Some(broken) = broken {
                cloud.history.violation(format!("{broken}: {key} was {old}, became {new}"));
            }
        }
    }

    fn stock(&self, new: &Value) -> Option<&'static str> {
        let on_hand = self.on_hand.lock().unwrap_or_else(PoisonError::into_inner);
        let on_hand = on_hand.get(text(new, "sku")).copied();
        let (available, reserved) = (number(new, "available")?, number(new, "reserved")?);
        match () {
            () if available < 0 || reserved < 0 => Some("the stock is negative"),
            () if Some(available + reserved) != on_hand => Some("stock was lost or made"),
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
            "done" if taken == held || taken.is_empty() => Some("another's claim was completed"),
            "claimed" if taken != held && runs => Some("a running lease was taken over"),
            _ if taken != held && runs => Some("another's running lease was released"),
            _ => None,
        }
    }
}

/// What comes through a FIFO queue is applied in its order, but for what an operator sent back into it.
fn order(cloud: &Cloud, old: &Value, new: &Value) -> Option<&'static str> {
    let queue = &cloud.pair(FIFO).queue;
    let of = |item: &Value| Origin::Event(text(item, "eventId").to_owned());
    if text(new, "eventId") == text(old, "eventId") {
        // The SDK asked for the same transaction once more.
        return None;
    }
    let is_next = number(new, "version") == Some(number(old, "version").unwrap_or(0) + 1);
    let excused = queue.was_redriven(&of(new)) || queue.was_redriven(&of(old));
    (!is_next && !excused).then_some("the order of a group was not kept")
}
