//! Commands: once for each key, on a DynamoDB of this machine, and under its refusals.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod once;
mod readings;
mod refusals;
mod refusing;
