//! Events of a shipment.

use crate::{CustomerId, OrderId};
use fanfare_event::EventType;
use serde::{Deserialize, Serialize};

/// A shipment is made ready for an order; it has not left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentPrepared {
    /// The order.
    pub order_id: OrderId,
    /// How many pieces it holds.
    pub pieces: u64,
}

/// The shipment has left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderShipped {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    pub customer_id: CustomerId,
    /// How many pieces it has.
    pub pieces: u64,
}

/// The shipment will not leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentCancelled {
    /// The order.
    pub order_id: OrderId,
}

impl EventType for ShipmentPrepared {
    const TYPE: &'static str = "ShipmentPrepared";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("shipment-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

impl EventType for OrderShipped {
    const TYPE: &'static str = "OrderShipped";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("shipment-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

impl EventType for ShipmentCancelled {
    const TYPE: &'static str = "ShipmentCancelled";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("shipment-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}
