//! The sagas, kept by `checkout` and swept by `sweep`: an item per order.
//!
//! A saga that waits for others carries a mark, which puts it into an index by age. The checkout sets the mark; the
//! sweep takes it away in the transaction that announces that the wait is too long. So the index holds what nobody has
//! been told of yet, and looking through it costs as much as there is to tell.

use event_schema::OrderId;
use fanfare::Timestamp;
use fanfare::{Key, Table};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The table.
pub const TABLE: Table = Table::named_by("SAGAS_TABLE");
/// The partition key.
pub const ORDER_ID: &str = "orderId";
/// The index of sagas that wait: by [`OPEN`] and [`OPEN_SINCE`].
pub const BY_AGE: &str = "byAge";
/// The index's partition key, a [`Lane`]; only sagas that wait have it.
pub const OPEN: &str = "open";
/// The index's sort key: since when it waits, in milliseconds since 1970.
pub const OPEN_SINCE: &str = "openSince";

/// Into how many partitions each kind of wait is spread: DynamoDB takes 1,000 writes a second to each
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>).
pub const PARTITIONS: u32 = 8;

/// The key of an order's saga.
pub fn key(order: &str) -> Key {
    Key::new(ORDER_ID, order)
}

/// What a saga waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// That the order is confirmed or cancelled.
    Settlement,
    /// That the shipment of a confirmed order leaves, or is stopped.
    Shipment,
    /// That a refund which the gateway has taken is settled.
    Refund,
}

impl Wait {
    /// Everything that is waited for.
    pub const ALL: [Self; 3] = [Self::Settlement, Self::Shipment, Self::Refund];
}

/// A partition of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// What its sagas wait for.
    pub wait: Wait,
    number: u32,
}

impl Lane {
    /// Every partition of the index.
    pub fn all() -> impl Iterator<Item = Self> {
        Wait::ALL
            .into_iter()
            .flat_map(|wait| (0..PARTITIONS).map(move |number| Self { wait, number }))
    }

    fn of(order: &OrderId, wait: Wait) -> Self {
        let sum = order.as_str().bytes().map(u32::from).sum::<u32>();
        Self { wait, number: sum % PARTITIONS }
    }
}

/// The value of the index's partition key.
impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number;
        match self.wait {
            Wait::Settlement => write!(f, "{number}"),
            Wait::Shipment => write!(f, "shipment-{number}"),
            Wait::Refund => write!(f, "refund-{number}"),
        }
    }
}

/// What puts a saga that waits into the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    open: String,
    open_since: i64,
}

impl Mark {
    /// The mark of a saga that has waited since then.
    pub fn since(order: &OrderId, wait: Wait, at: Timestamp) -> Self {
        Self { open: Lane::of(order, wait).to_string(), open_since: at.as_millisecond() }
    }
}
