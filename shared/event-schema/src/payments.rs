//! Events of a payment.

use crate::OrderId;
use fanfare_event::EventType;
use iso_currency::Currency;
use serde::{Deserialize, Serialize};

/// The customer was charged for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentProcessed {
    /// The order.
    pub order_id: OrderId,
    /// The payment, by the gateway's name for it.
    pub payment_id: String,
    /// How much was captured, in minor units of `currency`.
    pub amount: u64,
    /// The currency, by its ISO 4217 code.
    pub currency: Currency,
}

/// The gateway declined to charge the customer: nothing was captured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentFailed {
    /// The order.
    pub order_id: OrderId,
    /// Why, by the gateway's code, such as `card_declined`.
    pub reason: String,
}

/// What was captured for an order was given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentRefunded {
    /// The order.
    pub order_id: OrderId,
    /// The payment, by the gateway's name for it.
    pub payment_id: String,
    /// How much was given back, in minor units of `currency`.
    pub amount: u64,
    /// The currency, by its ISO 4217 code.
    pub currency: Currency,
}

impl EventType for PaymentProcessed {
    const TYPE: &'static str = "PaymentProcessed";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("payment-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

impl EventType for PaymentFailed {
    const TYPE: &'static str = "PaymentFailed";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("payment-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

impl EventType for PaymentRefunded {
    const TYPE: &'static str = "PaymentRefunded";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("payment-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}
