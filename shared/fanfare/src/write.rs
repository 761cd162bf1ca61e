//! What a handler can ask to be written.

use crate::Table;
use crate::memory::Counted;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// An item's primary key: attribute names and their values.
///
/// ```
/// use fanfare::Key;
///
/// let key = Key::new("room", "attic").and("day", "2024-01-15");
/// assert_eq!(key.get("day"), Some("2024-01-15"));
/// assert_eq!(key.to_string(), "day=2024-01-15,room=attic");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(BTreeMap<&'static str, Part>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    Text(String),
    Number(u64),
}

impl Key {
    /// A key of one attribute.
    pub fn new(attribute: &'static str, value: impl Into<String>) -> Self {
        Self(BTreeMap::from([(attribute, Part::Text(value.into()))]))
    }

    /// The key with a further attribute: the sort key.
    #[must_use]
    pub fn and(mut self, attribute: &'static str, value: impl Into<String>) -> Self {
        self.0.insert(attribute, Part::Text(value.into()));
        self
    }

    /// The key with a number as its sort key.
    #[must_use]
    pub fn and_number(mut self, attribute: &'static str, value: u64) -> Self {
        self.0.insert(attribute, Part::Number(value));
        self
    }

    /// The text of one of its attributes.
    pub fn get(&self, attribute: &str) -> Option<&str> {
        match self.0.get(attribute)? {
            Part::Text(text) => Some(text),
            Part::Number(_) => None,
        }
    }

    #[cfg(feature = "testing")]
    pub(crate) fn has(&self, attribute: &str) -> bool {
        self.0.contains_key(attribute)
    }

    /// One of its attributes' names.
    pub(crate) fn some_attribute(&self) -> &'static str {
        self.0.keys().next().copied().unwrap_or_default()
    }

    /// Its attributes as DynamoDB takes them.
    pub(crate) fn item(&self) -> impl Iterator<Item = (String, AttributeValue)> {
        self.0.iter().map(|(name, part)| {
            let value = match part {
                Part::Text(text) => AttributeValue::S(text.clone()),
                Part::Number(number) => AttributeValue::N(number.to_string()),
            };
            ((*name).to_owned(), value)
        })
    }

    fn json(&self) -> impl Iterator<Item = (String, Value)> {
        self.0.iter().map(|(name, part)| {
            let value = match part {
                Part::Text(text) => Value::from(text.as_str()),
                Part::Number(number) => Value::from(*number),
            };
            ((*name).to_owned(), value)
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |(name, part): (&&str, &Part)| match part {
            Part::Text(text) => format!("{name}={text}"),
            Part::Number(number) => format!("{name}={number}"),
        };
        f.write_str(&self.0.iter().map(part).collect::<Vec<_>>().join(","))
    }
}

/// When an item may be put.
///
/// ```
/// use fanfare::{Key, Only, Table, Write};
/// use serde_json::json;
///
/// const ROOMS: Table = Table::named_by("ROOMS_TABLE");
///
/// // A reading that was overtaken by a newer one changes nothing: see the stream's version.
/// let latest = json!({"celsius": 31, "version": 7});
/// let write = Write::put(ROOMS, Key::new("room", "attic"), &latest, Only::IfNewer("version"));
/// # drop(write);
/// ```
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
///
/// ```
/// use fanfare::{Key, Table, Write};
///
/// const SHELVES: Table = Table::named_by("SHELVES_TABLE");
///
/// // Takes two, if there are two.
/// let take = Write::count(SHELVES, Key::new("shelf", "mugs")).at_least("left", 2).add("left", -2);
/// # drop(take);
/// ```
#[derive(Debug)]
pub struct Write {
    pub(crate) table: Table,
    pub(crate) key: Key,
    pub(crate) action: Action,
}

#[derive(Debug)]
pub(crate) enum Action {
    Put {
        item: Result<Map<String, Value>, serde_json::Error>,
        only: Only,
    },
    /// A put that holds only while the item is as it was when it was read; see [`crate::Memory`].
    Remember {
        item: Result<Map<String, Value>, serde_json::Error>,
        seen: u64,
        counted: Counted,
    },
    Count {
        add: BTreeMap<&'static str, i64>,
        at_least: BTreeMap<&'static str, i64>,
    },
}

impl Write {
    /// Puts an item: the fields of `item` and the key's attributes.
    ///
    /// An `item` that has no JSON form, or whose form is not an object, makes the record fail for good.
    pub fn put(table: Table, key: Key, item: &impl Serialize, only: Only) -> Self {
        let item = object(item, &key);
        Self { table, key, action: Action::Put { item, only } }
    }

    /// Puts an item while the one that is there has the revision `seen`; 0 when there was none.
    pub(crate) fn remember(
        table: Table,
        key: Key,
        state: &impl Serialize,
        seen: u64,
        counted: Counted,
    ) -> Self {
        let item = object(state, &key);
        Self { table, key, action: Action::Remember { item, seen, counted } }
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

/// A value's JSON object, with the attributes of its key.
fn object(value: &impl Serialize, key: &Key) -> Result<Map<String, Value>, serde_json::Error> {
    let object = serde_json::to_value(value).and_then(serde_json::from_value::<Map<String, Value>>);
    object.map(|mut object| {
        object.extend(key.json());
        object
    })
}
