//! Events of the checkout: what becomes of an order as a whole.

use crate::{CustomerId, OrderId, OrderItem};
use fanfare_event::EventType;
use iso_currency::Currency;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The order is paid for and will be shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderConfirmed {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    pub customer_id: CustomerId,
    /// What was ordered.
    pub items: Vec<OrderItem>,
    /// What was paid, in minor units of `currency`.
    pub total_amount: u64,
    /// The currency, by its ISO 4217 code.
    pub currency: Currency,
    /// The payment, by the gateway's name for it.
    pub payment_id: String,
}

/// The order will not be fulfilled. Whoever did something for it undoes that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCancelled {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    pub customer_id: CustomerId,
    /// Why it was cancelled.
    pub reason: CancellationReason,
    /// What was ordered.
    pub items: Vec<OrderItem>,
    /// What was to be paid, in minor units of `currency`.
    pub total_amount: u64,
    /// The currency, by its ISO 4217 code.
    pub currency: Currency,
}

/// Why an order was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CancellationReason {
    /// There was not enough of something.
    OutOfStock,
    /// The payment was declined.
    PaymentDeclined,
    /// The customer asked for it.
    CustomerRequest,
    /// It was not settled in time.
    TimedOut,
}

impl CancellationReason {
    /// The reason as it is on the wire, such as `out-of-stock`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OutOfStock => "out-of-stock",
            Self::PaymentDeclined => "payment-declined",
            Self::CustomerRequest => "customer-request",
            Self::TimedOut => "timed-out",
        }
    }
}

impl fmt::Display for CancellationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A cancelled order was charged: the money is to be given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundRequested {
    /// The order.
    pub order_id: OrderId,
    /// The payment, by the gateway's name for it.
    pub payment_id: String,
    /// How much, in minor units of `currency`.
    pub amount: u64,
    /// The currency, by its ISO 4217 code.
    pub currency: Currency,
}

/// The customer cancels a confirmed order: its shipment is not to leave, if it has not yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentStopRequested {
    /// The order.
    pub order_id: OrderId,
}

/// Nothing has settled the order for too long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderTimedOut {
    /// The order.
    pub order_id: OrderId,
}

impl EventType for OrderConfirmed {
    const TYPE: &'static str = "OrderConfirmed";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("checkout-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

impl EventType for OrderCancelled {
    const TYPE: &'static str = "OrderCancelled";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("checkout-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

impl EventType for RefundRequested {
    const TYPE: &'static str = "RefundRequested";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("checkout-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

impl EventType for ShipmentStopRequested {
    const TYPE: &'static str = "ShipmentStopRequested";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("checkout-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

impl EventType for OrderTimedOut {
    const TYPE: &'static str = "OrderTimedOut";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("timeout-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}
