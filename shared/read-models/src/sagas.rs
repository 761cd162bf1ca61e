//! The sagas, kept by `checkout` and swept by `sweep`: an item per order.

use event_schema::OrderId;
use fanfare::Timestamp;
use fanfare::{Key, Table};
use serde::{Deserialize, Serialize};

/// The table.
pub const TABLE: Table = Table::named_by("SAGAS_TABLE");
/// The partition key.
pub const ORDER_ID: &str = "orderId";
/// The index of open sagas: by [`OPEN`] and [`OPEN_SINCE`].
pub const BY_AGE: &str = "byAge";
/// The index's partition key; only open sagas have it.
pub const OPEN: &str = "open";
/// The index's sort key: milliseconds since 1970.
pub const OPEN_SINCE: &str = "openSince";

/// Into how many partitions the index is spread: DynamoDB takes 1,000 writes a second to each
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>).
pub const PARTITIONS: u32 = 8;

/// The key of an order's saga.
pub fn key(order: &str) -> Key {
    Key::new(ORDER_ID, order)
}

/// What puts an open saga into the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Open {
    open: String,
    open_since: i64,
}

impl Open {
    /// The mark of a saga that was first heard of then.
    pub fn since(order: &OrderId, at: Timestamp) -> Self {
        let sum = order.as_str().bytes().map(u32::from).sum::<u32>();
        Self { open: (sum % PARTITIONS).to_string(), open_since: at.as_millisecond() }
    }
}
