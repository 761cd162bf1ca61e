//! Payment: charges the customer once what was ordered is set aside, and gives the money back when checkout asks.
//!
//! [`decide`] and [`conclude`] are the whole of its behaviour, pure functions of what is remembered, what happened and
//! what the gateway answered. [`Gateway`] is what it asks, [`Stripe`] the one that it asks in production.
//!
//! A charge is never lost. Its request can be repeated under one idempotency key; and when the order turns out to be
//! cancelled before the charge's outcome is known, the payment is withdrawn at the gateway, which either makes sure that it
//! never happens or says that it has: then it is announced, and checkout asks for the refund.

mod gateway;
mod handler;
mod payment;
mod stripe;
mod transition;

pub use gateway::{Answer, Ask, Gateway, Request};
pub use handler::{PAYMENTS, consumer};
pub use payment::{Due, Outcome, Payment};
pub use stripe::{ApiKey, Keys, Secret, Stripe};
pub use transition::{Announcement, Happened, Refund, Refusal, Settled, Step, conclude, decide};
