//! Events of a shipment.

use crate::{EventType, OrderId};
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
