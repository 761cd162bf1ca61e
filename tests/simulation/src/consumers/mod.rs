//! Consumers of the simulation's own, for rules of the runtime that none of the store's needs.

mod charging;
mod ringing;

pub(crate) use charging::charging;
pub(crate) use ringing::ringing;

/// Them, and which events each is told of.
pub(crate) const OWN: [(&str, &[&str]); 2] =
    [("charging", &["OrderPlaced"]), ("ringing", &["OrderPlaced"])];
