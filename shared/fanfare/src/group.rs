//! What is committed together: units of work of several messages in one transaction.

use crate::ready::Ready;
use crate::work::Position;
use crate::write::Action;
use crate::{Key, Table, Work};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Items in one transaction at the most
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
const MAX_ITEMS: usize = 100;
/// Bytes in one transaction at the most: 4 MB, the same page, less what keys and expressions add.
const MAX_BYTES: usize = 3_500_000;
/// What a ledger record and an event's item take beside their contents, rounded up.
const ITEM_BYTES: usize = 1_500;

/// Takes members from the front of `waiting` for one transaction: at most `limit`, none of which writes an
/// item that another one puts, and all together within DynamoDB's bounds. Those left out keep their order.
pub(crate) fn take(waiting: &mut VecDeque<Ready>, limit: usize) -> Vec<Ready> {
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
    /// The streams that are appended to, and where the first event of each goes.
    streams: BTreeMap<String, Position>,
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
        let clash =
            clash || work.events.iter().any(|event| self.clashes(&event.stream, event.position));
        let new = work.writes.iter().filter(|write| !self.counted.contains(&place(write))).count();
        let items = self.items + 1 + new + work.events.len();
        let bytes = self.bytes + size(work);
        if self.items > 0 && (clash || items > MAX_ITEMS || bytes > MAX_BYTES) {
            return false;
        }
        (self.items, self.bytes) = (items, bytes);
        for event in &work.events {
            self.streams.entry(event.stream.clone()).or_insert(event.position);
        }
        self.put.extend(work.writes.iter().filter(is_put).map(place));
        self.counted.extend(work.writes.iter().filter(|write| !is_put(write)).map(place));
        true
    }

    /// Whether an event can't go to a stream together with what is there: many may announce on one, but who names a
    /// version wants it to stand still.
    fn clashes(&self, stream: &str, position: Position) -> bool {
        let both_announce = |first: &Position| [*first, position] == [Position::Next; 2];
        self.streams.get(stream).is_some_and(|first| !both_announce(first))
    }
}

fn size(work: &Work) -> usize {
    let payload =
        |event: &crate::work::Announced| event.payload.as_ref().map_or(0, |p| p.get().len());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Rang, STOCK, ready, take_stock};
    use crate::{Only, Write};
    use serde_json::json;

    /// The groups that works are committed in, each work by its number.
    fn groups(works: Vec<Work>) -> Vec<Vec<usize>> {
        let numbered = works.into_iter().enumerate();
        let mut waiting: VecDeque<_> =
            numbered.map(|(n, work)| ready(&n.to_string(), work)).collect();
        let number = |one: &Ready| one.case.message.id.parse().expect("a number");
        let mut groups = Vec::new();
        while !waiting.is_empty() {
            groups.push(take(&mut waiting, usize::MAX).iter().map(number).collect());
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
    fn many_announce_on_one_stream_together_and_who_wants_a_certain_version_waits() {
        let bell = || Rang { bell: "bell-1".to_owned() };
        let announce = || Work::did("").announce(&bell());
        let works = vec![announce(), Work::did("").announce_after(1, &bell()), announce()];
        assert_eq!(groups(works), [vec![0, 2], vec![1]]);
    }
}
