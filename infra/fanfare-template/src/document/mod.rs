//! From text to a tree: YAML or JSON in, values that know their places out.

mod builder;
mod node;
mod yaml;

pub use node::{Content, Entry, Node, Place};
pub(crate) use yaml::{MAX_WEIGHT, Repeated, parse, weight};

/// Why a text is no template at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {}: {reason}", place.line)]
pub struct Unreadable {
    /// Where reading ended.
    pub place: Place,
    /// What is wrong there.
    pub reason: String,
}

impl Unreadable {
    pub(crate) fn new(place: Place, reason: impl Into<String>) -> Self {
        Self { place, reason: reason.into() }
    }
}
