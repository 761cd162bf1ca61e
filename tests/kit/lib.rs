//! The kit of the whole-system tests: starts the `fanfare` command with the real function binaries,
//! talks to it as its users do, and waits for conditions, never for a time.
#![allow(
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a kit for tests: what goes wrong here ends the test"
)]

mod aws;
mod client;
mod store;
mod wait;

pub use aws::Aws;
pub use client::{Answer, Client};
pub use store::{Process, Store, program, repository};
pub use wait::eventually;
