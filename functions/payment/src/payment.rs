//! What is remembered of an order's payment.

use event_schema::{Currency, CustomerId};
use fanfare::Timestamp;
use serde::{Deserialize, Serialize};

/// An order's payment. Events arrive in any order, so each is noted by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// What is to be paid, once the order is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// Whether the goods are set aside.
    #[serde(default)]
    pub reserved: bool,
    /// When the newer of these two was announced, of those that are known: no charge was begun before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Whether nothing is to be charged any more: the order was cancelled, or is to be.
    #[serde(default)]
    pub cancelled: bool,
    /// What became of it.
    #[serde(default)]
    pub outcome: Outcome,
}

/// What an order costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Due {
    /// Who is to pay.
    pub customer_id: CustomerId,
    /// How much, in minor units of `currency`.
    pub amount: u64,
    /// The currency, by its ISO 4217 code.
    pub currency: Currency,
}

/// What became of a payment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// Nothing yet.
    #[default]
    Open,
    /// The customer was charged.
    Charged {
        /// The gateway's name for the payment.
        payment_id: String,
    },
    /// The gateway declined; nothing was captured.
    Declined,
    /// The order was cancelled first; nothing was captured, and nothing will be.
    Withdrawn,
    /// The gateway has taken the refund, which was not settled when it was last asked.
    RefundPending {
        /// The gateway's name for the payment.
        payment_id: String,
    },
    /// What was captured was given back.
    Refunded {
        /// The gateway's name for the payment.
        payment_id: String,
    },
}
