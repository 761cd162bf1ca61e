//! The transaction of a group: one request for the work of several messages, and what each of its items is for.

use crate::counting::Counting;
use crate::items::{Builder, unwritable};
use crate::ready::Ready;
use crate::write::Action;
use crate::{Failure, Key, Table, Write};
use aws_sdk_dynamodb::types::TransactWriteItem;
use std::collections::{BTreeMap, BTreeSet};

/// What one item of a transaction is for. The numbers are places in the group.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The ledger record of a member.
    Guard(usize),
    /// The item of this table and key, written by these members.
    Write(Table, Key, Vec<usize>),
    /// What a member remembers.
    Memory(usize),
    /// An event that a member announces, by its place among those.
    Event(usize, usize),
}

/// A transaction, ready to be sent, and what each of its items is for.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    pub(crate) items: Vec<TransactWriteItem>,
    pub(crate) slots: Vec<Slot>,
    /// Where the streams that it appends to stand once it is committed.
    pub(crate) heads: BTreeMap<String, u64>,
}

/// Builds the transaction of a group. `heads` says where the streams stand that it announces on.
///
/// # Errors
/// The place in the group of a member whose work can't be written, and why.
pub(crate) fn build(
    group: &[Ready],
    heads: &BTreeMap<String, u64>,
    builder: &Builder<'_>,
) -> Result<Transaction, (usize, Failure)> {
    let mut draft =
        Draft { transaction: Transaction::default(), counted: BTreeMap::new(), builder };
    for (n, member) in group.iter().enumerate() {
        draft.member(n, member, heads).map_err(|failure| (n, failure))?;
    }
    draft.counters()
}

/// A transaction under way.
struct Draft<'d> {
    transaction: Transaction,
    /// Counters, which several members may change: one item for all of them.
    counted: BTreeMap<(Table, Key), (Counting, Vec<usize>)>,
    builder: &'d Builder<'d>,
}

impl Draft<'_> {
    fn add(&mut self, item: TransactWriteItem, slot: Slot) {
        self.transaction.items.push(item);
        self.transaction.slots.push(slot);
    }

    /// Adds a member: its ledger record, its events and its writes.
    fn member(
        &mut self,
        n: usize,
        member: &Ready,
        heads: &BTreeMap<String, u64>,
    ) -> Result<(), Failure> {
        let record = member.case.attempt.done(&member.work.did, self.builder.now);
        let update = self.builder.record(&record, &member.guard)?;
        self.add(TransactWriteItem::builder().update(update).build(), Slot::Guard(n));
        self.events(n, member, heads)?;
        let mut put: BTreeSet<(Table, &Key)> = BTreeSet::new();
        for write in &member.work.writes {
            let is_put = !matches!(write.action, Action::Count { .. });
            if is_put && !put.insert((write.table, &write.key)) {
                return Err(unwritable(format!("it writes {} twice", write.key)));
            }
            self.write(n, write, member)?;
        }
        Ok(())
    }

    fn write(&mut self, n: usize, write: &Write, member: &Ready) -> Result<(), Failure> {
        let (builder, key) = (self.builder, &write.key);
        match &write.action {
            Action::Put { item, only } => {
                let item = item.as_ref().map_err(|e| unwritable(e.to_string()))?;
                let item = builder.put(builder.tables.name(write.table)?, key, item, only)?;
                self.add(item, Slot::Write(write.table, key.clone(), vec![n]));
            }
            Action::Remember { item, seen, counted } => {
                let item = item.as_ref().map_err(|e| unwritable(e.to_string()))?;
                let counted = counted.then(&member.work, &self.transaction.heads);
                let table = builder.tables.name(write.table)?;
                let item = builder.remember(table, key, item, *seen, counted)?;
                self.add(item, Slot::Memory(n));
            }
            Action::Count { add, at_least } => {
                let (counting, members) =
                    self.counted.entry((write.table, key.clone())).or_default();
                counting.then(add, at_least);
                members.push(n);
            }
        }
        Ok(())
    }

    /// Adds the events that a member announces, each at the next version of its stream.
    fn events(
        &mut self,
        n: usize,
        member: &Ready,
        heads: &BTreeMap<String, u64>,
    ) -> Result<(), Failure> {
        let cause = &member.case.attempt.envelope;
        for (place, event) in member.work.events.iter().enumerate() {
            let before = || event.position.after(heads.get(&event.stream).copied());
            let version = match self.transaction.heads.get(&event.stream) {
                Some(head) => head + 1,
                None => before() + 1,
            };
            self.transaction.heads.insert(event.stream.clone(), version);
            let traceparent = member.case.attempt.span.map(|span| span.to_string());
            let item = self.builder.append(event, place, version, cause, traceparent)?;
            self.add(item, Slot::Event(n, place));
        }
        Ok(())
    }

    /// Adds the counters.
    fn counters(mut self) -> Result<Transaction, (usize, Failure)> {
        for ((table, key), (counting, members)) in std::mem::take(&mut self.counted) {
            let first = members.first().copied().unwrap_or_default();
            let name = self.builder.tables.name(table).map_err(|failure| (first, failure))?;
            let item = self.builder.count(name, &key, &counting).map_err(|f| (first, f))?;
            self.add(item, Slot::Write(table, key, members));
        }
        Ok(self.transaction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Work;
    use crate::fixtures::{ready, take_stock};
    use crate::tables::Tables;
    use fanfare_bootstrap::Environment;
    use fanfare_event::Timestamp;

    #[test]
    fn ten_orders_for_one_sku_are_one_transaction_that_writes_the_stock_once() {
        let group: Vec<_> = (0..10)
            .map(|n| ready(&format!("evt_{n}"), Work::did("").write(take_stock("mug", 2))))
            .collect();
        let environment = Environment::from_iter([("STOCK_TABLE", "stock")]);
        let builder = Builder {
            ledger: "ledger",
            tables: &Tables::from(&environment),
            event_store: None,
            consumer: "test",
            now: Timestamp::UNIX_EPOCH,
        };

        let transaction = build(&group, &BTreeMap::new(), &builder).expect("it builds");

        assert_eq!(transaction.items.len(), 11);
        let update = transaction.items[10].update().expect("the stock's update");
        let values = update.expression_attribute_values().expect("values");
        assert_eq!(values[":a0"].as_n().map(String::as_str), Ok("-20"));
        assert_eq!(values[":f0"].as_n().map(String::as_str), Ok("20"));
    }
}
