//! Consumers of the simulation's own, for rules of the runtime that none of the store's needs.

mod gossiping;
mod noticing;
mod ordering;
mod ringing;
mod spending;

pub(crate) use gossiping::gossiping;
pub(crate) use noticing::{HOPELESS, KILLER, noticing};
pub(crate) use ordering::ordering;
pub(crate) use ringing::ringing;
pub(crate) use spending::spending;

/// Them, and which events each is told of.
pub(crate) const OWN: [(&str, &[&str]); 5] = [
    ("noticing", &["OrderPlaced"]),
    ("gossiping", &["OrderPlaced"]),
    ("ringing", &["OrderPlaced"]),
    ("spending", &["OrderPlaced"]),
    (FIFO, &["CustomerRegistered", "CustomerUpdated"]),
];

/// The one that has a FIFO queue.
pub(crate) const FIFO: &str = "ordering";
