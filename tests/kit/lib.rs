//! The kit of the whole-system tests: starts the `fanfare` command with the real function binaries, or takes
//! the stack that was deployed to an emulator, talks to it as its users do, and waits for conditions, never for a time.
#![allow(
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a kit for tests: what goes wrong here ends the test"
)]

mod aws;
mod client;
mod invocation;
mod mailbox;
mod process;
mod signature;
mod stack;
mod store;
mod wait;

pub use aws::Aws;
pub use client::{Answer, Client};
pub use mailbox::Mail;
pub use process::{Process, program, repository};
pub use signature::Signer;
pub use stack::Stack;
pub use store::Store;
pub use wait::{eventually, unique};
