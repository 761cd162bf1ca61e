//! What is asked of a payment gateway, and what it answers.

use crate::Due;
use event_schema::OrderId;
use fanfare::Failure;
use fanfare::Timestamp;
use serde::{Deserialize, Serialize};
use std::future::Future;

/// Moves money.
pub trait Gateway: Send + Sync + 'static {
    /// Does what is asked. Asked again for the same, it does nothing twice and gives the same answer.
    ///
    /// # Errors
    /// [`Failure::Unknown`] when it may or may not have been done, anything else when it was not.
    fn ask(&self, request: Request) -> impl Future<Output = Result<Answer, Failure>> + Send;
}

/// What a gateway is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Tells a repeat from a second request. A charge's follows from the order, which is charged once, whichever event
    /// asks; a refund's is the id of the event that asks.
    pub key: String,
    /// Since when the key may have been used; `None` where a second request could do no harm.
    pub since: Option<Timestamp>,
    /// The order.
    pub order_id: OrderId,
    /// What it costs, and who pays.
    pub due: Due,
    /// What is to be done.
    pub ask: Ask,
}

/// What a gateway can be asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Take what is due from the customer.
    Charge,
    /// Make sure that the charge of this key never happens, or say that it has.
    Withdraw,
    /// Give back what was taken.
    Refund {
        /// The gateway's name for the payment.
        payment_id: String,
    },
    /// Say what became of a refund that was pending. It does nothing.
    LookAtRefund {
        /// The gateway's name for the payment.
        payment_id: String,
    },
}

/// What has become of a payment, by a gateway's definite answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Answer {
    /// The customer was charged.
    Charged {
        /// The gateway's name for the payment.
        payment_id: String,
    },
    /// The charge was declined, and will not be made.
    Declined {
        /// Why, by the gateway's code.
        reason: String,
    },
    /// The charge was not made, and never will be.
    Withdrawn,
    /// The gateway has taken the refund, and the money is not given back yet.
    RefundPending {
        /// The gateway's name for the payment.
        payment_id: String,
    },
    /// The money is given back.
    Refunded {
        /// The gateway's name for the payment.
        payment_id: String,
    },
}
