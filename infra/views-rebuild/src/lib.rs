//! Builds the store's read models of orders anew from the event store, while events keep flowing and the old ones
//! are read. [`rebuild`] is the way in.
//!
//! It reads the event store, which nobody ever changes: whatever fails or is interrupted leaves what is shown as it
//! was, and can be done again.

mod builder;
mod error;
mod index;
mod lease;
mod rebuild;
mod sweep;

pub use error::RebuildError;
pub use rebuild::{Rebuilding, Rebuilt, rebuild};
