//! Which generations there are.

use super::Generation;
use serde::{Deserialize, Serialize};

/// The item that says which generation is read, and which one is being made. Without it: the first is read, and
/// none is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Control {
    /// The generation that is read.
    pub active: Generation,
    /// The generation that is being made: events go into it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building: Option<Generation>,
    /// The newest generation that was ever begun. None is begun twice.
    pub newest: Generation,
    /// Who is making it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rebuild: Option<Rebuild>,
}

/// A rebuild that is under way, or was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rebuild {
    /// What no other rebuild has.
    pub token: String,
    /// Until when it keeps others out unless it says that it is alive, in milliseconds since 1970.
    pub lease_until: i64,
}

impl Default for Control {
    fn default() -> Self {
        Self { active: Generation::FIRST, building: None, newest: Generation::FIRST, rebuild: None }
    }
}

impl Control {
    /// The generations that an event goes into.
    pub fn written(&self) -> impl Iterator<Item = Generation> + use<> {
        [Some(self.active), self.building].into_iter().flatten()
    }

    /// The generation that may be made next: one that was never begun, whose items take the places that those
    /// of the active one leave.
    pub fn next(&self) -> Generation {
        let next = Generation(self.newest.0 + 1);
        match next.place() == self.active.place() {
            true => Generation(next.0 + 1),
            false => next,
        }
    }
}
