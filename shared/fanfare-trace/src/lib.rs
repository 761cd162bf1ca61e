//! What became of the events about one thing: who consumed which, when, how long it took, how often it failed.
//!
//! Nothing is kept for it. A [`Trace`] is put together from three sources: the event store's index by correlation,
//! the consumers' ledger, and what the consumers are subscribed to ([`Subscribers`]).
//!
//! ```no_run
//! # async fn example(client: aws_sdk_dynamodb::Client) -> Result<(), Box<dyn std::error::Error>> {
//! use fanfare::ledger::Ledger;
//! use fanfare_event_store::EventStore;
//! use fanfare_trace::{Subscriptions, events_about, trace};
//!
//! let events = EventStore::new(client.clone(), "events");
//! let ledger = Ledger::new(client, "ledger");
//! let subscriptions = Subscriptions::parse("SUBSCRIPTIONS", "climate=TemperatureMeasured")?;
//!
//! let about = events_about(&events, "room-7", None).await?;
//! let trace = trace("room-7", &about, Some(&ledger), &subscriptions).await?;
//! for event in &trace.events {
//!     println!("{} {:?}", event.event_type, event.consumers);
//! }
//! # Ok(()) }
//! ```

mod read;
mod subscribers;
mod trace;

pub use read::{ReadError, events_about, trace};
pub use subscribers::{Subscribers, Subscriptions};
pub use trace::{Consumption, Standing, Trace, TracedEvent, expected, put_together};
