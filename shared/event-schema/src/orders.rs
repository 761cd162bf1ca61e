//! Events of an order.

use crate::{CustomerId, OrderId, Sku};
use fanfare_event::EventType;
use iso_currency::Currency;
use serde::{Deserialize, Serialize};

/// The largest amount of money in an event, in minor units: the largest integer that every JSON reader
/// keeps exactly (RFC 8259, section 6).
pub const MAX_AMOUNT: u64 = (1 << 53) - 1;

/// A customer has placed an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderPlaced {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    pub customer_id: CustomerId,
    /// What was ordered.
    pub items: Vec<OrderItem>,
    /// The sum to pay, in minor units of `currency`.
    pub total_amount: u64,
    /// The currency, by its ISO 4217 code; US dollars when absent.
    #[serde(default = "us_dollar")]
    pub currency: Currency,
}

fn us_dollar() -> Currency {
    Currency::USD
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderItem {
    /// What is sold.
    pub sku: Sku,
    /// How many, at least 1.
    pub quantity: u32,
    /// The price of one, in minor units, if the sender said so. Sums are taken from `totalAmount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<u64>,
}

impl EventType for OrderPlaced {
    const TYPE: &'static str = "OrderPlaced";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("order-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}

/// The customer wants the order cancelled. Whether that is still possible is for the checkout to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCancellationRequested {
    /// The order.
    pub order_id: OrderId,
}

impl EventType for OrderCancellationRequested {
    const TYPE: &'static str = "OrderCancellationRequested";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("order-{}", self.order_id)
    }
    fn correlation_id(&self) -> String {
        self.order_id.to_string()
    }
}
