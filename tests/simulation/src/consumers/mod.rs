//! Consumers of the simulation's own, for rules of the runtime that none of the store's needs.

mod ringing;

pub(crate) use ringing::ringing;

/// Them, and which events each is told of.
pub(crate) const OWN: [(&str, &[&str]); 1] = [("ringing", &["OrderPlaced"])];
