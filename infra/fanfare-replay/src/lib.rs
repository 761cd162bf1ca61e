//! What can be done with a running stack's past, wherever it runs: send it to a consumer again, write it to a file.
//!
//! All of it reads the event store, which nobody ever changes: whatever fails or is interrupted here leaves it as
//! it was, and can be done again. [`Stack`] is the way in.
//!
#![doc = include_str!("../README.md")]

mod error;
mod export;
mod replay;
mod stack;

pub use error::ReplayError;
pub use export::{Export, Format};
pub use replay::{Force, Replay, Replayed, Resume, Tally};
pub use stack::Stack;
