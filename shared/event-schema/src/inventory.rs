//! Events of the stock.

use crate::{OrderId, Sku};
use fanfare_event::EventType;
use serde::{Deserialize, Serialize};

/// All that an order asks for is set aside for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryReserved {
    /// The order.
    pub order_id: OrderId,
    /// What was set aside, each SKU once.
    pub items: Vec<ReservedItem>,
}

/// So many of one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReservedItem {
    /// What is sold.
    pub sku: Sku,
    /// How many.
    pub quantity: u64,
}

/// An order asks for more than there is; nothing was set aside for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryReservationFailed {
    /// The order.
    pub order_id: OrderId,
    /// What there was not enough of.
    pub short: Vec<Sku>,
}

/// An order was cancelled before anything was set aside for it: nothing will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryReservationSkipped {
    /// The order.
    pub order_id: OrderId,
}

/// What was set aside for a cancelled order can be promised to others again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryReleased {
    /// The order.
    pub order_id: OrderId,
    /// What was released, each SKU once.
    pub items: Vec<ReservedItem>,
}

/// What was set aside for an order has left with its shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryDispatched {
    /// The order.
    pub order_id: OrderId,
    /// What has left, each SKU once.
    pub items: Vec<ReservedItem>,
}

impl EventType for InventoryReserved {
    const TYPE: &'static str = "InventoryReserved";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("inventory-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

impl EventType for InventoryReservationFailed {
    const TYPE: &'static str = "InventoryReservationFailed";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("inventory-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

impl EventType for InventoryReservationSkipped {
    const TYPE: &'static str = "InventoryReservationSkipped";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("inventory-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

impl EventType for InventoryReleased {
    const TYPE: &'static str = "InventoryReleased";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("inventory-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

impl EventType for InventoryDispatched {
    const TYPE: &'static str = "InventoryDispatched";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("inventory-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}
