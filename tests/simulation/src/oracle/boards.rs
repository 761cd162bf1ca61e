//! Boards: streams that two consumers append to at once hold every notice once.

use crate::cloud::Cloud;
use crate::oracle::streams::Streams;
use crate::tables::{self, GOSSIP, number};
use crate::workload::Expected;
use std::collections::BTreeMap;

/// How many notices each consumer pins for an order.
const NOTICES: [(&str, usize); 2] = [("noticing", 2), ("gossiping", 1)];

pub(crate) fn check(cloud: &Cloud, expected: &Expected, streams: &Streams) {
    let boards = streams.iter().filter(|(name, _)| name.starts_with("board-"));
    let mut found: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for notice in boards.flat_map(|(_, notices)| notices) {
        let by = notice["source"].as_str().unwrap_or_default();
        let because_of = notice["causationId"].as_str().unwrap_or_default();
        *found.entry((by, because_of)).or_default() += 1;
    }
    let mut should: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for placed in &expected.orders {
        should.extend(NOTICES.map(|(by, notices)| ((by, placed.event.as_str()), notices)));
    }
    if found != should {
        let missing = should.iter().filter(|(key, notices)| found.get(*key) != Some(*notices));
        let missing: Vec<_> = missing.map(|(key, _)| (key, found.get(key))).collect();
        cloud.history.violation(format!("the boards are not what was noticed: {missing:?}"));
    }
    let told = tables::scan(&cloud.database, GOSSIP);
    let told: i64 = told.iter().filter_map(|item| number(item, "orders")).sum();
    if told != expected.orders.len() as i64 {
        cloud.history.violation(format!("{told} of {} orders are told of", expected.orders.len()));
    }
}
