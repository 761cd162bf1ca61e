//! What a consumer remembers of one thing, such as an order, and the order in which it decides about it.
//!
//! A queue delivers in any order, and several execution environments handle it at once. A consumer whose decision
//! hangs on what happened before keeps that in an item of its own: [`State::recall`] gives it to the handler,
//! [`Work::remember`] writes it back. The write holds only while nobody else has written in between; if somebody
//! has, nothing is committed and the handler decides again, from what is there now. Within a batch,
//! [`Consumer::in_turn`](crate::Consumer::in_turn) lets the events of one thing wait for one another.
//!
//! The events that such work emits continue the thing's stream: the memory counts them.

use crate::{Failure, Key, State, Table, Work, Write};
use fanfare_event::Redacted;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How often the item was written.
pub(crate) const REVISION: &str = "revision";
/// How many events the thing's stream has.
pub(crate) const APPENDED: &str = "appended";

/// What is remembered of one thing, and where.
#[derive(Debug, Clone)]
pub struct Memory<S> {
    /// What is remembered; `None` when nothing has happened yet.
    pub state: Option<S>,
    table: Table,
    key: Key,
    marks: Marks,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct Marks {
    #[serde(default)]
    revision: u64,
    #[serde(default)]
    appended: u64,
}

impl State {
    /// What is remembered under a table and key, which the consumer must have asked to be read.
    ///
    /// # Errors
    /// A permanent [`Failure`] when the item is not an `S`.
    pub fn recall<S: DeserializeOwned>(
        &self,
        table: Table,
        key: Key,
    ) -> Result<Memory<S>, Failure> {
        let unreadable = |e: Redacted| {
            Failure::permanent(format!("what is remembered of {key} is unreadable")).caused_by(e)
        };
        let state = self.item(table, &key).map_err(unreadable)?;
        let marks = self.item(table, &key).map_err(unreadable)?.unwrap_or_default();
        Ok(Memory { state, table, key, marks })
    }
}

impl<Fx, R> Work<Fx, R> {
    /// Writes what is remembered from now on. If it was changed since it was recalled, nothing of this work is
    /// written and the handler is asked again. The events that this work emits must be of one stream, which it
    /// continues; an item with a field `revision` or `appended` of its own can't be remembered.
    pub fn remember<S: Serialize>(mut self, memory: &Memory<S>, state: &S) -> Self {
        self.appended = Some(memory.marks.appended);
        let seen = memory.marks.revision;
        self.write(Write::remember(memory.table, memory.key.clone(), state, seen))
    }
}
