//! What the relay makes of an SNS and an SQS that fail: against a server on this machine that answers as the test says.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod aws;
mod batches;
mod dead_letters;
mod deadlines;
mod lambda;
mod refusals;
