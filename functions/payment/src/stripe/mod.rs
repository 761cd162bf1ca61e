//! The gateway that speaks [Stripe's HTTP API](https://docs.stripe.com/api/payment_intents).
//!
//! A payment intent is created first, under the charge's idempotency key, and confirmed after: no money moves before
//! the confirmation, and an intent that is cancelled can't be confirmed any more, not even by a request that is still on its way.
//! A repeat of the key finds the intent again, so whatever became of the confirmation, its state can be looked up: Stripe
//! [keeps an answer of 500](https://docs.stripe.com/api/idempotent_requests) for the repeats too. Stripe forgets a key after
//! 24 hours at the earliest, so a dead letter of a charge is to be sent again within a day.

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
use consumer::Failure;

/// The dependency's name in failures and in the storm brake.
const GATEWAY: &str = "payment gateway";

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
        match &request.ask {
            Ask::Charge => self.charge(&request).await,
            Ask::Withdraw => self.withdraw(&request).await,
            Ask::Refund { payment_id } => self.refund(&request, payment_id).await,
        }
    }
}
