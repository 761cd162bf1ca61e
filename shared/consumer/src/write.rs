//! What a handler can ask to be written.

use crate::Table;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// An item's primary key: attribute names and their texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(BTreeMap<&'static str, String>);

impl Key {
    /// A key of one attribute.
    pub fn new(attribute: &'static str, value: impl Into<String>) -> Self {
        Self(BTreeMap::from([(attribute, value.into())]))
    }

    /// The key with a further attribute: the sort key.
    #[must_use]
    pub fn and(mut self, attribute: &'static str, value: impl Into<String>) -> Self {
        self.0.insert(attribute, value.into());
        self
    }

    /// The value of one of its attributes.
    pub fn get(&self, attribute: &str) -> Option<&str> {
        self.0.get(attribute).map(String::as_str)
    }

    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        f.write_str(&parts.join(","))
    }
}

/// When an item may be put.
#[derive(Debug, Clone, PartialEq)]
pub enum Only {
    /// Whatever is there.
    Always,
    /// When there is no item of that key.
    IfAbsent,
    /// When there is none, or one whose number in this attribute is smaller than the new item's.
    IfNewer(&'static str),
}

/// One write to one item of one table.
#[derive(Debug)]
pub struct Write {
    pub(crate) table: Table,
    pub(crate) key: Key,
    pub(crate) action: Action,
}

#[derive(Debug)]
pub(crate) enum Action {
    Put { item: Result<Map<String, Value>, serde_json::Error>, only: Only },
    Count { add: BTreeMap<&'static str, i64>, at_least: BTreeMap<&'static str, i64> },
}

impl Write {
    /// Puts an item: the fields of `item` and the key's attributes.
    ///
    /// An `item` that has no JSON form, or whose form is not an object, makes the record fail for good.
    pub fn put(table: Table, key: Key, item: &impl Serialize, only: Only) -> Self {
        let item =
            serde_json::to_value(item).and_then(serde_json::from_value::<Map<String, Value>>);
        let item = item.map(|mut item| {
            item.extend(key.attributes().map(|(name, value)| (name.to_owned(), value.into())));
            item
        });
        Self { table, key, action: Action::Put { item, only } }
    }

    /// Changes counters of an item, which is made with zeros if there is none; see
    /// [`add`](Self::add) and [`at_least`](Self::at_least). Such writes commute.
    pub fn count(table: Table, key: Key) -> Self {
        Self {
            table,
            key,
            action: Action::Count { add: BTreeMap::new(), at_least: BTreeMap::new() },
        }
    }

    /// Adds to a counter; a negative amount takes away. No effect on a [`put`](Self::put).
    #[must_use]
    pub fn add(mut self, attribute: &'static str, amount: i64) -> Self {
        if let Action::Count { add, .. } = &mut self.action {
            *add.entry(attribute).or_default() += amount;
        }
        self
    }

    /// Refuses the write when a counter holds less than this before it, or does not exist. No effect on
    /// a [`put`](Self::put).
    #[must_use]
    pub fn at_least(mut self, attribute: &'static str, floor: i64) -> Self {
        if let Action::Count { at_least, .. } = &mut self.action {
            at_least.insert(attribute, floor);
        }
        self
    }
}
