//! Where things lie in the table.

use event_schema::{CustomerId, OrderId, StoreEvent};
use fanfare::{Key, Table};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The table.
pub const TABLE: Table = Table::named_by("VIEWS_TABLE");
/// The partition key: what the item is about.
pub const PK: &str = "pk";
/// The sort key: which of the thing's two places it is, or the generation of the counts.
pub const SK: &str = "sk";
/// The index of a customer's orders: by [`OWNER`] and [`PLACED_AT`].
pub const BY_CUSTOMER: &str = "byCustomer";
/// The index's partition key, which placed orders alone have; see [`owner`].
pub const OWNER: &str = "owner";
/// The index's sort key: microseconds since 1970.
pub const PLACED_AT: &str = "placedAt";
/// The attribute that says of which generation an item is.
pub const GENERATION: &str = "generation";
/// The attribute that counts how often an item was written, as [`fanfare::Memory`] keeps it.
pub const REVISION: &str = "revision";
/// The partition and sort key of the item that says which generations there are.
pub const CONTROL: &str = "control";

const COUNTS: &str = "counts";

/// One making of the views, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(pub u64);

impl Generation {
    /// The first one, which is there without anybody making it.
    pub const FIRST: Self = Self(1);

    /// Which of a thing's two places its items take: the sort key.
    pub const fn place(self) -> &'static str {
        match self.0 % 2 {
            0 => "even",
            _ => "odd",
        }
    }

    /// Both sort keys.
    pub const PLACES: [&str; 2] = ["even", "odd"];
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an item is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thing {
    /// An order: its summary.
    Order(String),
    /// A customer: their name.
    Customer(String),
    /// A SKU, of which nothing is shown.
    Sku(String),
}

impl Thing {
    /// What an event is about.
    pub fn of(event: &StoreEvent) -> Self {
        match event {
            StoreEvent::CustomerRegistered(_) | StoreEvent::CustomerUpdated(_) => {
                Self::Customer(event.subject())
            }
            StoreEvent::StockAdjusted(_) => Self::Sku(event.subject()),
            _ => Self::Order(event.subject()),
        }
    }

    /// An order.
    pub fn order(id: &OrderId) -> Self {
        Self::Order(id.to_string())
    }

    /// A customer.
    pub fn customer(id: &CustomerId) -> Self {
        Self::Customer(id.to_string())
    }

    /// The partition key.
    pub fn pk(&self) -> String {
        match self {
            Self::Order(id) => format!("order#{id}"),
            Self::Customer(id) => format!("customer#{id}"),
            Self::Sku(sku) => format!("sku#{sku}"),
        }
    }

    /// The key of the item at one of [`Generation::PLACES`].
    pub fn key_at(&self, place: &str) -> Key {
        Key::new(PK, self.pk()).and(SK, place)
    }

    /// The key of the item in a generation.
    pub fn key(&self, generation: Generation) -> Key {
        self.key_at(generation.place())
    }
}

/// The key of [`super::Control`].
pub fn control_key() -> Key {
    Key::new(PK, CONTROL).and(SK, CONTROL)
}

/// The key of a generation's counts, an attribute for each [`Status`](crate::order_facts::Status).
pub fn counts_key(generation: Generation) -> Key {
    Key::new(PK, COUNTS).and(SK, generation.to_string())
}

/// The index's partition key of a customer's orders in a generation.
pub fn owner(generation: Generation, customer: &CustomerId) -> String {
    format!("{generation}#{customer}")
}
