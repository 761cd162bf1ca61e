//! Consumers of the simulation's own, for rules of the runtime that none of the store's needs.

mod ordering;
mod ringing;
mod spending;

pub(crate) use ordering::ordering;
pub(crate) use ringing::ringing;
pub(crate) use spending::spending;

/// Them, and which events each is told of.
pub(crate) const OWN: [(&str, &[&str]); 3] = [
    ("ringing", &["OrderPlaced"]),
    ("spending", &["OrderPlaced"]),
    (FIFO, &["CustomerRegistered", "CustomerUpdated"]),
];

/// The one that has a FIFO queue.
pub(crate) const FIFO: &str = "ordering";
