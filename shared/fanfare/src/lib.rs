//! Consumers of events on AWS Lambda and SQS: a handler, and all that makes one trustworthy.
//!
//! A consumer is a handler: event in, [`Work`] out. The handler does no I/O and has no clock; it says what
//! should be written, announced or done, and this crate does that exactly once in effect.
//!
//! # From nothing to a tested consumer
//!
//! ```toml
//! [dependencies]
//! fanfare = "0.1"
//! tokio = { version = "1", features = ["macros", "rt"] }
//!
//! [dev-dependencies]
//! fanfare = { version = "0.1", features = ["testing"] }
//! serde_json = "1"
//! ```
//!
//! An event is declared once, with the stream that it is appended to and what it is about. A handler takes one event and
//! decides; `main` hands it to Lambda.
//!
//! ```no_run
//! use fanfare::{Consumer, Event, Failure, Key, NoEffect, Table, Work, Write};
//!
//! /// A room's temperature was measured.
//! #[fanfare::event(stream = "room-{room}", correlation = room)]
//! pub struct TemperatureMeasured {
//!     /// The room.
//!     pub room: String,
//!     /// The temperature, in degrees Celsius.
//!     pub celsius: i64,
//! }
//!
//! /// A room is too hot.
//! #[fanfare::event(stream = "heat-{room}", correlation = room)]
//! pub struct RoomOverheated {
//!     /// The room.
//!     pub room: String,
//! }
//!
//! const ROOMS: Table = Table::named_by("ROOMS_TABLE");
//!
//! fn consumer() -> Consumer<TemperatureMeasured, NoEffect> {
//!     Consumer::new("heat", watch).tables([ROOMS]).announces::<RoomOverheated>()
//! }
//!
//! async fn watch(measured: Event<TemperatureMeasured>) -> Result<Work, Failure> {
//!     let TemperatureMeasured { room, celsius } = measured.payload;
//!     let counted = Write::count(ROOMS, Key::new("room", room.clone())).add("measured", 1);
//!     Ok(match celsius {
//!         ..30 => Work::did("counted").write(counted),
//!         _ => Work::did("raised the alarm").write(counted).announce(&RoomOverheated { room }),
//!     })
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), fanfare::Error> {
//!     consumer().run().await
//! }
//! ```
//!
//! Its test needs neither AWS nor a database:
//!
//! ```
//! # use fanfare::{Consumer, Event, Failure, Key, NoEffect, Table, Work, Write};
//! # #[fanfare::event(stream = "room-{room}", correlation = room)]
//! # pub struct TemperatureMeasured { pub room: String, pub celsius: i64 }
//! # #[fanfare::event(stream = "heat-{room}", correlation = room)]
//! # pub struct RoomOverheated { pub room: String }
//! # const ROOMS: Table = Table::named_by("ROOMS_TABLE");
//! # fn consumer() -> Consumer<TemperatureMeasured, NoEffect> {
//! #     Consumer::new("heat", watch).tables([ROOMS]).announces::<RoomOverheated>()
//! # }
//! # async fn watch(measured: Event<TemperatureMeasured>) -> Result<Work, Failure> {
//! #     let TemperatureMeasured { room, celsius } = measured.payload;
//! #     let counted = Write::count(ROOMS, Key::new("room", room.clone())).add("measured", 1);
//! #     Ok(match celsius {
//! #         ..30 => Work::did("counted").write(counted),
//! #         _ => Work::did("raised the alarm").write(counted).announce(&RoomOverheated { room }),
//! #     })
//! # }
//! use fanfare::testing::{event, given};
//! use serde_json::json;
//!
//! let measured = |id, celsius| event(id, &TemperatureMeasured { room: "attic".to_owned(), celsius });
//!
//! given(consumer())
//!     .after(&measured("evt_1", 21))
//!     .when(&measured("evt_2", 34))
//!     .then_did("raised the alarm")
//!     .then_item(ROOMS, Key::new("room", "attic"), json!({"measured": 2}))
//!     .then_announced(&["RoomOverheated"]);
//! ```
//!
//! In production the function needs a queue that is subscribed to the events, a ledger, the tables that it names, and their
//! names in its environment: see [`Consumer::run`].
//!
//! # What it promises
//!
//! - Every record of a batch is decoded and decided on its own; a bad body, an error or a panic fails that
//!   record alone ([partial batch response]).
//! - The idempotency record, the writes and the announced events are one DynamoDB transaction, so a repeat of
//!   a message changes nothing; the messages of a batch share as few transactions as they fit into.
//! - A handler that [recalls](State::recall) what happened before decides again if that has changed when its work is
//!   to be committed.
//! - An [effect](Work::act) outside DynamoDB runs under a lease, and only the lease's owner can complete it; what it came
//!   to can decide the rest, and is kept so that a repeat does not act again.
//! - A [failed](Failure) message comes back after an exponential, jittered delay, by its visibility timeout; one that can
//!   never be handled goes to the dead-letter queue with its error and history, and is deleted after.
//! - While a dependency is down its circuit breaker is open: what needs it is returned untried but for a probe, everything else
//!   goes on. That uses up no try, for three days.
//! - A message that kills its process is tried alone after some receives, and goes to the dead-letter queue in the end.
//! - An event of a newer build waits in its queue while a deployment is under way.
//! - Nothing outlasts an invocation: its last moments are kept for returning what is unfinished.
//! - In a FIFO queue a group stops at its first message that is to come back.
//! - A function whose tables are missing or misnamed ends at its [start](Consumer::run), with one line that says why.
//! - With the feature `otel` a trace goes on through the handler into the events that it announces; its spans are exported
//!   when `OTEL_EXPORTER_OTLP_ENDPOINT` says where to.
//!
//! The order of arrival is never assumed: a handler that needs an earlier event [remembers](Memory) it, or asks to be
//! tried again.
//!
//! # What it costs
//!
//! The usual message costs one round trip to DynamoDB for its whole batch, one more if its handler reads or if an effect
//! is claimed, and 2 write units for its ledger record, beside what its own writes and events cost in a transaction.
//!
//! [partial batch response]: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html

mod admission;
mod attempt;
pub mod aws;
mod backoff;
mod batch;
mod blame;
mod case;
mod circuit_breaker;
mod claim;
mod commit;
mod committer;
mod counting;
mod crash_loop;
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
