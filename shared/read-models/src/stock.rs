//! The stock, kept by `inventory` and set by `api`: an item per SKU.

use event_schema::{ReservedItem, StoreEvent};
use fanfare::{Key, Table};
use std::collections::BTreeMap;

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

/// What the events say is there of each SKU. They may be added in any order: each says by how much something changes.
///
/// ```
/// use event_schema::{StockAdjusted, StoreEvent, Sku};
/// use read_models::stock::{Counted, Levels};
///
/// let sku = Sku::new("mug")?;
/// let mut levels = Levels::default();
/// levels.add(&StoreEvent::StockAdjusted(StockAdjusted { sku, by: 5, on_hand: 5 }));
/// assert_eq!(levels.of("mug"), Counted { available: 5, reserved: 0 });
/// # Ok::<(), fanfare::InvalidId>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels(BTreeMap<String, Counted>);

/// The two counters of a SKU.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many can be promised to orders. Below 0 only while events are missing.
    pub available: i64,
    /// How many are set aside for orders.
    pub reserved: i64,
}

impl Levels {
    /// Adds what an event says; one that is not about stock adds nothing. Each event is to be added once.
    pub fn add(&mut self, event: &StoreEvent) {
        match event {
            StoreEvent::StockAdjusted(adjusted) => {
                self.change(adjusted.sku.as_str(), adjusted.by, 0)
            }
            StoreEvent::InventoryReserved(order) => self.change_all(&order.items, -1, 1),
            StoreEvent::InventoryReleased(order) => self.change_all(&order.items, 1, -1),
            StoreEvent::InventoryDispatched(order) => self.change_all(&order.items, 0, -1),
            _ => {}
        }
    }

    /// What is there of a SKU.
    pub fn of(&self, sku: &str) -> Counted {
        self.0.get(sku).copied().unwrap_or_default()
    }

    fn change_all(&mut self, items: &[ReservedItem], available: i64, reserved: i64) {
        for item in items {
            let pieces = i64::try_from(item.quantity).unwrap_or(i64::MAX);
            self.change(item.sku.as_str(), available * pieces, reserved * pieces);
        }
    }

    fn change(&mut self, sku: &str, available: i64, reserved: i64) {
        let counted = self.0.entry(sku.to_owned()).or_default();
        counted.available += available;
        counted.reserved += reserved;
    }
}
