//! The gateway that speaks [Stripe's HTTP API](https://docs.stripe.com/api/payment_intents).
//!
//! A payment intent is created first, under the charge's idempotency key, and confirmed after: no money moves before
//! the confirmation, and an intent that is cancelled can't be confirmed any more, not even by a request that is still on its way.
//! A repeat of the key finds the intent again, so whatever became of the confirmation, its state can be looked up.
//!
//! Stripe [keeps an answer of 500](https://docs.stripe.com/api/idempotent_requests) for the repeats of its key too: a key
//! that has one is spent, and the request is made under the next key that follows from it. It forgets a key after 24
//! hours at the earliest: a charge that may have been begun so long ago is left to somebody who looks.

mod amount;
mod charge;
mod connection;
mod key;
mod refund;
mod reply;
mod settings;

pub use key::{ApiKey, Keys, Secret};

use crate::{Answer, Ask, Gateway, Request};
use connection::Connection;
use fanfare::Failure;
use fanfare::Timestamp;
use std::time::Duration;

/// The dependency's name in failures and in the storm brake.
const GATEWAY: &str = "payment gateway";

/// How long a key is relied on: an hour less than Stripe [keeps it](https://docs.stripe.com/api/idempotent_requests), for
/// clocks that differ and for requests under way.
const KEY_LIFETIME: Duration = Duration::from_secs(23 * 60 * 60);

/// A client of Stripe, or of whatever speaks as Stripe does.
#[derive(Debug)]
pub struct Stripe {
    connection: Connection,
    /// The payment method that is charged. The store has no page on which customers give one, so it is the same
    /// for everybody: one of Stripe's [test methods](https://docs.stripe.com/testing).
    method: String,
}

impl Gateway for Stripe {
    async fn ask(&self, request: Request) -> Result<Answer, Failure> {
        if request.since.is_some_and(is_forgotten) {
            return Err(Failure::permanent(
                "the charge may have been begun 23 hours ago or more, and the gateway may have forgotten its key: look at \
                 the gateway for payments with the order's id as order_id, and refund there what it should not have",
            ));
        }
        match &request.ask {
            Ask::Charge => self.charge(&request).await,
            Ask::Withdraw => self.withdraw(&request).await,
            Ask::Refund { payment_id } => self.refund(&request, payment_id).await,
            Ask::LookAtRefund { payment_id } => self.look_at_refund(&request, payment_id).await,
        }
    }
}

/// Whether a key that was used then may be forgotten by now.
fn is_forgotten(since: Timestamp) -> bool {
    since.checked_add(KEY_LIFETIME).is_ok_and(|until| until <= Timestamp::now())
}
