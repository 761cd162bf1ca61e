//! The event store: streams of events in one DynamoDB table.
//!
//! The appended event is the outbox: the table's stream carries every new item to the relay, which
//! announces it. Nothing is ever written in one place and sent from another.
//!
//! ```no_run
//! use fanfare_event::Envelope;
//! use fanfare_event_store::{EventStore, StoreError};
//!
//! /// Appends what happened to a room, after whatever has happened to it before.
//! async fn append(store: &EventStore, room: &str, event: &Envelope) -> Result<(), StoreError> {
//!     let stream = format!("room-{room}");
//!     loop {
//!         let before = store.read(&stream).await?;
//!         let seen = before.last().and_then(|event| event.version).unwrap_or(0);
//!         match store.append(&stream, seen, [event.clone()]).await {
//!             // Somebody else was first, or is at it: read again, decide again.
//!             Err(StoreError::Conflict { .. } | StoreError::Busy { .. }) => {}
//!             done => return done,
//!         }
//!     }
//! }
//! ```
//!
//! # The table
//!
//! Partition key `stream` (text), sort key `version` (number), a stream of its new images that feeds the relay, and a
//! global secondary index `byCorrelation` with partition key `correlationId` (text) and sort key `recordedAt` (number,
//! microseconds since 1970), which projects all attributes. An item also has `eventType`, and `envelope`: the event as
//! JSON, which is announced as it is.
//!
//! # Types of other crates
//!
//! [`EventStore::new`] takes the AWS SDK's `aws_sdk_dynamodb::Client`, [`EventStore::put`] gives its `Put` and
//! [`envelope`] reads its `AttributeValue`, so that an append can be part of anybody's transaction. A new major version
//! of the SDK is a breaking version of this crate.

mod error;
mod history;
mod item;
mod page;
mod store;
mod transaction;
mod update;

pub use error::StoreError;
pub use item::{ENVELOPE, EVENT_TYPE, STREAM, envelope};
pub use page::{Filter, NoPlace, Page, Place, Stored};
pub use store::EventStore;
pub use transaction::{FailedCondition, ItemRefusal, TransactionError};
pub use update::{Updated, update};

/// Compiles what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
