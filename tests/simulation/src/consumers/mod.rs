//! Consumers of the simulation's own, for rules of the runtime that none of the store's needs.

mod ordering;
mod ringing;

pub(crate) use ordering::ordering;
pub(crate) use ringing::ringing;

/// Them, and which events each is told of.
pub(crate) const OWN: [(&str, &[&str]); 2] =
    [("ringing", &["OrderPlaced"]), (FIFO, &["CustomerRegistered", "CustomerUpdated"])];

/// The one that has a FIFO queue.
pub(crate) const FIFO: &str = "ordering";
