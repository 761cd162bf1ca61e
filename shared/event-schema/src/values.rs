//! What events are made of: lines of an order, amounts, reasons.

use crate::Sku;
use fanfare_event::value_object;
use iso_currency::Currency;
use std::fmt;

/// The largest amount of money in an event, in minor units: the largest integer that every JSON reader
/// keeps exactly (RFC 8259, section 6).
pub const MAX_AMOUNT: u64 = (1 << 53) - 1;

/// The currency of an order that names none.
pub(crate) fn us_dollar() -> Currency {
    Currency::USD
}

/// One line of an order.
#[value_object]
#[derive(Eq)]
pub struct OrderItem {
    /// What is sold.
    pub sku: Sku,
    /// How many, at least 1.
    pub quantity: u32,
    /// The price of one, in minor units, if the sender said so. Sums are taken from `totalAmount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<u64>,
}

/// So many of one SKU.
#[value_object]
#[derive(Eq)]
pub struct ReservedItem {
    /// What is sold.
    pub sku: Sku,
    /// How many.
    pub quantity: u64,
}

/// Why an order was cancelled.
#[value_object]
#[derive(Copy, Eq, PartialOrd, Ord, Hash)]
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
