//! The sales figures, kept by `analytics` and read by `api`: an item per day and figure.

use consumer::{Key, Table};
use event_schema::{Currency, Sku};

/// The table.
pub const TABLE: Table = Table::named_by("SALES_TABLE");
/// The partition key: a day in UTC, such as `2024-01-15`.
pub const DAY: &str = "day";
/// The sort key: what is counted.
pub const FIGURE: &str = "figure";
/// How many orders, in the item of a currency.
pub const ORDERS: &str = "orders";
/// Their sum in minor units, in the item of a currency.
pub const REVENUE: &str = "revenue";
/// How many pieces, in the item of a SKU.
pub const UNITS: &str = "units";

/// What an item counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    /// Orders and revenue in one currency, by its ISO 4217 code.
    Orders(String),
    /// Pieces of one SKU.
    Units(String),
}

/// The key of the orders in a currency on a day.
pub fn orders(day: &str, currency: Currency) -> Key {
    Key::new(DAY, day).and(FIGURE, format!("{ORDERS}#{}", currency.code()))
}

/// The key of the pieces of a SKU on a day.
pub fn units(day: &str, sku: &Sku) -> Key {
    Key::new(DAY, day).and(FIGURE, format!("{UNITS}#{sku}"))
}

/// Reads a sort key; `None` for one that neither function above makes.
pub fn figure(sort_key: &str) -> Option<Figure> {
    match sort_key.split_once('#')? {
        (ORDERS, currency) => Some(Figure::Orders(currency.to_owned())),
        (UNITS, sku) => Some(Figure::Units(sku.to_owned())),
        _ => None,
    }
}
