//! The way of an order through the consumers: who consumed what, when, how long, how often it failed.
//!
//! Nothing is kept for it. The API and the operator's command put it together from the event store, the
//! ledger and what the consumers are subscribed to.

mod read;
mod subscriptions;
mod trace;

pub use read::{ReadError, order_events, order_trace};
pub use subscriptions::Subscriptions;
pub use trace::{Consumption, Standing, Trace, TracedEvent, expected, trace};
