//! The stock, kept by `inventory` and set by `api`: an item per SKU.

use fanfare::{Key, Table};

/// The table.
pub const TABLE: Table = Table::named_by("STOCK_TABLE");
/// The partition key.
pub const SKU: &str = "sku";
/// How many can be promised to orders. Never negative.
pub const AVAILABLE: &str = "available";
/// How many are set aside for orders. On hand is the sum of the two.
pub const RESERVED: &str = "reserved";

/// The key of a SKU's item.
pub fn key(sku: &str) -> Key {
    Key::new(SKU, sku)
}
