//! The batch runtime for SQS-triggered Lambda functions, and all that makes one trustworthy.
//!
//! A consumer is a handler: event in, [`Work`] out. The handler does no I/O and has no clock; it says what
//! should be written, announced or done, and this crate does that exactly once in effect:
//!
//! - every record of a batch is decoded and decided on its own; a bad body, an error or a panic fails that
//!   record alone ([partial batch response]);
//! - the idempotency record, the writes and the emitted events are one DynamoDB transaction, so a repeat of
//!   a message changes nothing; the messages of a batch share as few transactions as they fit into;
//! - a handler that [recalls](State::recall) what happened before decides again if that has changed when its work is
//!   to be committed;
//! - an effect outside DynamoDB runs under a lease, and only the lease's owner can complete it; what it came to can
//!   decide the rest, and is kept so that a repeat does not act again;
//! - a failed message comes back after an exponential, jittered delay, by its visibility timeout; one that can
//!   never be handled goes to the dead-letter queue with its error and history, and is deleted after;
//! - while a dependency is down, messages are returned untried but for a probe and for those on their last receive;
//! - nothing outlasts an invocation: its last moments are kept for returning what is unfinished;
//! - in a FIFO queue a group stops at its first message that is to come back;
//! - a trace goes on through the handler into the events that it emits; its spans are exported when
//!   `OTEL_EXPORTER_OTLP_ENDPOINT` says where to.
//!
//! ```no_run
//! use fanfare::{Event, Failure, Work};
//! use event_schema::OrderPlaced;
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), fanfare::Error> {
//!     fanfare::run("loyalty", award).await
//! }
//!
//! async fn award(order: Event<OrderPlaced>) -> Result<Work, Failure> {
//!     Ok(Work::did(format!("{} points", order.payload.total_amount / 100)))
//! }
//! ```
//!
//! [partial batch response]: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html

mod admission;
mod attempt;
pub mod aws;
mod backoff;
mod batch;
mod case;
mod circuit_breaker;
mod claim;
mod commit;
mod committer;
mod dead_letter;
mod decide;
mod decode;
mod deduplication;
mod definition;
mod digest;
mod error;
mod failure;
mod finish;
#[cfg(test)]
mod fixtures;
mod generations;
mod group;
mod guard;
mod heads;
mod host;
mod items;
pub mod ledger;
mod memory;
mod message;
mod metrics;
mod perform;
mod process;
mod queue;
mod ready;
mod redelivery;
mod refusal;
mod report;
mod run;
mod spans;
mod start;
mod state;
mod tables;
#[cfg(feature = "testing")]
pub mod testing;
mod time_left;
mod trace_context;
mod transaction;
mod turns;
mod work;
mod write;

pub use backoff::Backoff;
pub use batch::Runtime;
pub use definition::{Consumer, UnknownOutcome};
pub use error::Error;
pub use failure::Failure;
pub use fanfare_bootstrap::{Environment, SettingError};
#[doc(hidden)]
pub use fanfare_event::macro_support;
pub use fanfare_event::{
    Catalogue, CatalogueError, Envelope, Event, EventDescription, EventId, EventType, InvalidId,
    JsonError, Payload, Redacted, SchemaError, Timestamp, catalogue, event, id, value_object,
};
pub use host::{Clock, Host, SystemClock};
pub use memory::Memory;
pub use run::{Clients, run};
pub use state::{EVENT_STORE, State, stored_event};
pub use tables::Table;
pub use work::{NoEffect, Refused, Work};
pub use write::{Key, Only, Write};

/// Compiles what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
