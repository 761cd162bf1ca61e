//! The real client against the sandbox, by every way in which an amount misbehaves.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

mod charges;
mod keys;
mod kit;
mod refunds;
mod secrets;
mod withdrawals;
