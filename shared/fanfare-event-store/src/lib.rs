//! The event store: streams of events in one DynamoDB table.
//!
//! The appended event is the outbox: the table's stream carries every new item to the relay, which
//! announces it. Nothing is ever written in one place and sent from another.

mod error;
mod history;
mod item;
mod page;
mod store;

pub use error::StoreError;
pub use item::{ENVELOPE, EVENT_TYPE, STREAM, envelope};
pub use page::{Filter, NoPlace, Page, Place, Stored};
pub use store::EventStore;
