//! Which dead letters are meant.

use crate::DeadLetter;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which letters of a dead-letter queue are meant: those that all of these hold for; all dead letters, if none is
/// given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Those of one cause, by their group's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The one with this message id, before or after it died, or this event id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Those whose body or error has this text in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Those with one of these message ids; none: whichever.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub messages: BTreeSet<String>,
}

impl Selection {
    /// Whether a dead letter is meant.
    pub fn takes(&self, letter: &DeadLetter) -> bool {
        let is_of_group = self.group.as_deref().is_none_or(|group| letter.cause().group() == group);
        let is_the_one = self.id.as_deref().is_none_or(|id| letter.is_called(id));
        let has_text = self.filter.as_deref().is_none_or(|text| letter.mentions(text));
        let is_picked = self.messages.is_empty() || self.messages.contains(letter.message_id());
        is_of_group && is_the_one && has_text && is_picked
    }

    /// Whether every dead letter is meant.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}
