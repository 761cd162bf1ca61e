//! What is committed together: units of work of several messages in one transaction.

use crate::attempt::Attempt;
use crate::transaction::{Builder, Counting, Guard, unwritable};
use crate::write::Action;
use crate::{Failure, Key, Table, Work};
use aws_sdk_dynamodb::types::TransactWriteItem;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Items in one transaction at the most
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
const MAX_ITEMS: usize = 100;
/// Bytes in one transaction at the most: 4 MB, the same page, less what keys and expressions add.
const MAX_BYTES: usize = 3_500_000;
/// What a ledger record and an event's item take beside their contents, rounded up.
const ITEM_BYTES: usize = 1_500;

/// One message's unit of work, waiting to be committed.
pub(crate) struct Member<'a> {
    /// Its place among the messages of the batch.
    pub(crate) place: usize,
    pub(crate) attempt: &'a Attempt,
    pub(crate) work: Work,
    pub(crate) guard: Guard,
    /// How often its transaction met another one.
    pub(crate) conflicts: u32,
}

/// What one item of a transaction is for. The numbers are places in the group.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The ledger record of a member.
    Guard(usize),
    /// The item of this table and key, written by these members.
    Write(Table, Key, Vec<usize>),
    /// What a member remembers.
    Memory(usize),
    /// An event that a member emits.
    Event(usize),
}

/// Takes members from the front of `waiting` for one transaction: at most `limit`, none of which writes an
/// item that another one puts, and all together within DynamoDB's bounds. Those left out keep their order.
pub(crate) fn take<'a>(waiting: &mut VecDeque<Member<'a>>, limit: usize) -> Vec<Member<'a>> {
    let mut taken = Vec::new();
    let mut contents = Contents::default();
    let mut left = VecDeque::with_capacity(waiting.len());
    while let Some(member) = waiting.pop_front() {
        match taken.len() < limit && contents.admit(&member.work) {
            true => taken.push(member),
            false => left.push_back(member),
        }
    }
    *waiting = left;
    taken
}

/// What a group holds so far.
#[derive(Default)]
struct Contents {
    counted: BTreeSet<(Table, Key)>,
    put: BTreeSet<(Table, Key)>,
    streams: BTreeSet<String>,
    items: usize,
    bytes: usize,
}

impl Contents {
    /// Adds a unit of work if it fits. The first one always fits: if it is too big by itself, DynamoDB says so.
    fn admit(&mut self, work: &Work) -> bool {
        let place = |write: &crate::Write| (write.table, write.key.clone());
        let is_put = |write: &&crate::Write| !matches!(write.action, Action::Count { .. });
        let clash = work.writes.iter().any(|write| {
            let place = place(write);
            self.put.contains(&place) || (is_put(&write) && self.counted.contains(&place))
        });
        let clash = clash || work.events.iter().any(|event| self.streams.contains(&event.stream));
        let new = work.writes.iter().filter(|write| !self.counted.contains(&place(write))).count();
        let items = self.items + 1 + new + work.events.len();
        let bytes = self.bytes + size(work);
        if self.items > 0 && (clash || items > MAX_ITEMS || bytes > MAX_BYTES) {
            return false;
        }
        (self.items, self.bytes) = (items, bytes);
        self.streams.extend(work.events.iter().map(|event| event.stream.clone()));
        self.put.extend(work.writes.iter().filter(is_put).map(place));
        self.counted.extend(work.writes.iter().filter(|write| !is_put(write)).map(place));
        true
    }
}

fn size(work: &Work) -> usize {
    let payload =
        |event: &crate::work::Emitted| event.payload.as_ref().map_or(0, |p| p.get().len());
    let events: usize = work.events.iter().map(|event| payload(event) + ITEM_BYTES).sum();
    let writes = work.writes.iter().map(|write| match &write.action {
        Action::Put { item: Ok(item), .. } | Action::Remember { item: Ok(item), .. } => {
            let length =
                |(name, value): (&String, &serde_json::Value)| name.len() + value.to_string().len();
            item.iter().map(length).sum()
        }
        _ => ITEM_BYTES,
    });
    ITEM_BYTES + events + writes.sum::<usize>()
}

/// A transaction, ready to be sent, and what each of its items is for.
#[derive(Debug)]
pub(crate) struct Transaction {
    pub(crate) items: Vec<TransactWriteItem>,
    pub(crate) slots: Vec<Slot>,
}

/// Builds the transaction of a group.
///
/// # Errors
/// The place in the group of a member whose work can't be written, and why.
pub(crate) fn transaction(
    group: &[Member<'_>],
    builder: &Builder<'_>,
) -> Result<Transaction, (usize, Failure)> {
    let mut transaction = Transaction { items: Vec::new(), slots: Vec::new() };
    let mut counted: BTreeMap<(Table, Key), (Counting, Vec<usize>)> = BTreeMap::new();
    let mut put: BTreeSet<(Table, &Key)> = BTreeSet::new();
    for (n, member) in group.iter().enumerate() {
        let of_member = |failure| (n, failure);
        let record = member.attempt.done(&member.work.did, builder.now);
        let update = builder.record(&record, &member.guard).map_err(of_member)?;
        transaction.items.push(TransactWriteItem::builder().update(update).build());
        transaction.slots.push(Slot::Guard(n));
        for write in &member.work.writes {
            match &write.action {
                Action::Put { item, only } => {
                    let item = item.as_ref().map_err(|e| (n, unwritable(e.to_string())))?;
                    if !put.insert((write.table, &write.key)) {
                        return Err((n, unwritable(format!("it writes {} twice", write.key))));
                    }
                    let table = builder.tables.name(write.table).map_err(of_member)?;
                    let item = builder.put(table, &write.key, item, only).map_err(of_member)?;
                    transaction.items.push(item);
                    let slot = Slot::Write(write.table, write.key.clone(), vec![n]);
                    transaction.slots.push(slot);
                }
                Action::Remember { item, seen } => {
                    let item = item.as_ref().map_err(|e| (n, unwritable(e.to_string())))?;
                    if !put.insert((write.table, &write.key)) {
                        return Err((n, unwritable(format!("it writes {} twice", write.key))));
                    }
                    let table = builder.tables.name(write.table).map_err(of_member)?;
                    let appended =
                        member.work.appended.unwrap_or(0) + member.work.events.len() as u64;
                    let item = builder.remember(table, &write.key, item, *seen, appended);
                    transaction.items.push(item.map_err(of_member)?);
                    transaction.slots.push(Slot::Memory(n));
                }
                Action::Count { add, at_least } => {
                    let place = (write.table, write.key.clone());
                    let (counting, members) = counted.entry(place).or_default();
                    counting.then(add, at_least);
                    members.push(n);
                }
            }
        }
        append(member, n, builder, &mut transaction).map_err(of_member)?;
    }
    for ((table, key), (counting, members)) in counted {
        let first = members.first().copied().unwrap_or_default();
        let name = builder.tables.name(table).map_err(|failure| (first, failure))?;
        let item = builder.count(name, &key, &counting).map_err(|failure| (first, failure))?;
        transaction.items.push(item);
        transaction.slots.push(Slot::Write(table, key, members));
    }
    Ok(transaction)
}

/// Adds the events that a member emits.
fn append(
    member: &Member<'_>,
    n: usize,
    builder: &Builder<'_>,
    transaction: &mut Transaction,
) -> Result<(), Failure> {
    let cause = &member.attempt.envelope;
    let mut versions: BTreeMap<&str, u64> = BTreeMap::new();
    for (place, event) in member.work.events.iter().enumerate() {
        let before = event.after.or(member.work.appended).unwrap_or(0);
        let version = versions.entry(&event.stream).or_insert(before);
        *version += 1;
        let version = *version;
        if member.work.appended.is_some() && versions.len() > 1 {
            return Err(unwritable("what remembers something emits to one stream only"));
        }
        let traceparent = member.attempt.span.map(|span| span.to_string());
        transaction.items.push(builder.append(event, place, version, cause, traceparent)?);
        transaction.slots.push(Slot::Event(n));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{STOCK, attempt, member, take_stock};
    use crate::tables::Tables;
    use crate::{Only, Write};
    use fanfare_bootstrap::Environment;
    use fanfare_event::Timestamp;
    use serde_json::json;

    fn groups(works: Vec<Work>) -> Vec<Vec<usize>> {
        let attempts: Vec<_> = (0..works.len()).map(|n| attempt(&format!("evt_{n}"))).collect();
        let members = works.into_iter().enumerate();
        let mut waiting: VecDeque<_> =
            members.map(|(n, work)| member(n, &attempts[n], work)).collect();
        let mut groups = Vec::new();
        while !waiting.is_empty() {
            let taken = take(&mut waiting, usize::MAX);
            groups.push(taken.iter().map(|member| member.place).collect());
        }
        groups
    }

    fn put(sku: &str) -> Work {
        Work::did("").write(Write::put(STOCK, Key::new("sku", sku), &json!({}), Only::Always))
    }

    #[test]
    fn counters_of_one_item_go_together_and_a_put_of_it_waits() {
        let count = || Work::did("").write(take_stock("mug", 1));
        assert_eq!(
            groups(vec![count(), put("mug"), count(), put("pot")]),
            [vec![0, 2, 3], vec![1]]
        );
    }

    #[test]
    fn a_group_has_a_hundred_items_at_the_most_and_loses_none() {
        let many =
            |n: usize| Work::did("").writes((0..30).map(|m| take_stock(&format!("{n}-{m}"), 1)));
        let works = (0..7).map(many).collect();
        assert_eq!(groups(works), [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
    }

    #[test]
    fn ten_orders_for_one_sku_are_one_transaction_that_writes_the_stock_once() {
        let attempts: Vec<_> = (0..10).map(|n| attempt(&format!("evt_{n}"))).collect();
        let works = attempts.iter().enumerate();
        let group: Vec<_> = works
            .map(|(n, attempt)| member(n, attempt, Work::did("").write(take_stock("mug", 2))))
            .collect();
        let environment = Environment::from_iter([("STOCK_TABLE", "stock")]);
        let builder = Builder {
            ledger: "ledger",
            tables: &Tables::from(&environment),
            event_store: None,
            consumer: "test",
            now: Timestamp::UNIX_EPOCH,
        };

        let transaction = transaction(&group, &builder).expect("it builds");

        assert_eq!(transaction.items.len(), 11);
        let update = transaction.items[10].update().expect("the stock's update");
        let values = update.expression_attribute_values().expect("values");
        assert_eq!(values[":a0"].as_n().map(String::as_str), Ok("-20"));
        assert_eq!(values[":f0"].as_n().map(String::as_str), Ok("20"));
    }
}
