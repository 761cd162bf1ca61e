//! The sales figures, kept by `analytics` and read by `api`: an item per day, shard and figure. A figure is the sum over a day's
//! shards.

use event_schema::{CancellationReason, Currency, Sku};
use fanfare::{Key, Table};
use std::fmt::Display;

/// The table.
pub const TABLE: Table = Table::named_by("SALES_TABLE");
/// The partition key: a shard of a day in UTC, such as `2024-01-15` or `2024-01-15#7`.
pub const DAY: &str = "day";
/// The sort key: what is counted.
pub const FIGURE: &str = "figure";
/// How many orders were placed, in the item of a currency.
pub const ORDERS: &str = "orders";
/// The sum of the orders placed, in minor units, in the item of a currency.
pub const ORDERED: &str = "ordered";
/// What was captured, in minor units, in the item of a currency.
pub const CAPTURED: &str = "captured";
/// What was given back, in minor units, in the item of a currency.
pub const REFUNDED: &str = "refunded";
/// How many pieces were sold, in the item of a SKU: those that have left.
pub const UNITS: &str = "units";
/// How many orders came to a stage, in the stage's item.
pub const REACHED: &str = "reached";

const MONEY: &str = "money";
const FUNNEL: &str = "funnel";

/// Into how many partitions a day is spread. DynamoDB takes 1,000 write units a second to each
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>), and a batch of ten events costs
/// some 12. Never lower it: who reads looks at this many.
pub const SHARDS: u32 = 64;

/// One of the partitions that every day is spread into. Who counts keeps to one, so that the messages of a batch share their
/// counters, and those who count at the same time meet on few items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard(u32);

impl Shard {
    /// The first, which a day has always had.
    pub const FIRST: Self = Self(0);

    /// The shard of a number, such as a random one.
    pub const fn of(number: u32) -> Self {
        Self(number % SHARDS)
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..SHARDS).map(Self)
    }

    /// The partition of a day.
    pub fn partition(self, day: impl Display) -> String {
        match self {
            Self::FIRST => day.to_string(),
            Self(number) => format!("{day}#{number}"),
        }
    }
}

/// What an item counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    /// Orders and money in one currency, by its ISO 4217 code.
    Money(String),
    /// Pieces of one SKU.
    Units(String),
    /// Orders that came to a stage, such as `paid` or `cancelled:timed-out`.
    Funnel(String),
}

/// How far an order came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It was placed.
    Placed,
    /// Its stock was set aside.
    Reserved,
    /// It was paid for.
    Paid,
    /// It was confirmed.
    Confirmed,
    /// It has left.
    Shipped,
    /// It was cancelled.
    Cancelled(CancellationReason),
}

/// The key of orders and money in a currency, in a day's shard.
pub fn money(shard: Shard, day: &str, currency: Currency) -> Key {
    Key::new(DAY, shard.partition(day)).and(FIGURE, format!("{MONEY}#{}", currency.code()))
}

/// The key of the pieces of a SKU, in a day's shard.
pub fn units(shard: Shard, day: &str, sku: &Sku) -> Key {
    Key::new(DAY, shard.partition(day)).and(FIGURE, format!("{UNITS}#{sku}"))
}

/// The key of the orders that came to a stage, in a day's shard.
pub fn funnel(shard: Shard, day: &str, stage: Stage) -> Key {
    let stage = match stage {
        Stage::Placed => "placed".to_owned(),
        Stage::Reserved => "reserved".to_owned(),
        Stage::Paid => "paid".to_owned(),
        Stage::Confirmed => "confirmed".to_owned(),
        Stage::Shipped => "shipped".to_owned(),
        Stage::Cancelled(reason) => format!("cancelled:{reason}"),
    };
    Key::new(DAY, shard.partition(day)).and(FIGURE, format!("{FUNNEL}#{stage}"))
}

/// Reads a sort key; `None` for one that none of the functions above makes.
pub fn figure(sort_key: &str) -> Option<Figure> {
    match sort_key.split_once('#')? {
        (MONEY, currency) => Some(Figure::Money(currency.to_owned())),
        (UNITS, sku) => Some(Figure::Units(sku.to_owned())),
        (FUNNEL, stage) => Some(Figure::Funnel(stage.to_owned())),
        _ => None,
    }
}
