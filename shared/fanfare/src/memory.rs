//! What a consumer remembers of one thing, such as an order, and the order in which it decides about it.
//!
//! A queue delivers in any order, and several execution environments handle it at once. A consumer whose decision
//! hangs on what happened before keeps that in an item of its own: [`State::recall`] gives it to the handler,
//! [`Work::remember`] writes it back. The write holds only while nobody else has written in between; if somebody
//! has, nothing is committed and the handler decides again, from what is there now. Within a batch,
//! [`Consumer::sequential_by`](crate::Consumer::sequential_by) lets the events of one thing wait for one another.
//!
//! The memory also counts the events of the stream that such work announces on, so that
//! [`announce`](Work::announce) need not ask where that stands.

use crate::{Failure, Key, State, Table, Work, Write};
use fanfare_event::Redacted;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often the item was written.
pub(crate) const REVISION: &str = "revision";
/// How many events the stream has that is counted.
const APPENDED: &str = "appended";
/// Which stream that is, once there is one.
const APPENDED_TO: &str = "appendedTo";
/// The attributes that the runtime adds to an item that is remembered.
pub(crate) const RESERVED: [&str; 3] = [REVISION, APPENDED, APPENDED_TO];

/// What is remembered of one thing, and where; given by [`State::recall`].
///
/// ```
/// use fanfare::{Consumer, Event, Failure, Key, State, Table, Work};
/// use serde::{Deserialize, Serialize};
///
/// #[fanfare::event(stream = "room-{room}", correlation = room)]
/// pub struct TemperatureMeasured {
///     pub room: String,
///     pub celsius: i64,
/// }
///
/// #[fanfare::event(stream = "heat-{room}", correlation = room)]
/// pub struct RecordBroken {
///     pub room: String,
///     pub celsius: i64,
/// }
///
/// const ROOMS: Table = Table::named_by("ROOMS_TABLE");
///
/// #[derive(Clone, Default, Serialize, Deserialize)]
/// struct Room {
///     highest: i64,
/// }
///
/// fn key(measured: &Event<TemperatureMeasured>) -> Key {
///     Key::new("room", measured.payload.room.clone())
/// }
///
/// async fn watch(measured: Event<TemperatureMeasured>, known: State) -> Result<Work, Failure> {
///     let memory = known.recall::<Room>(ROOMS, key(&measured))?;
///     let TemperatureMeasured { room, celsius } = measured.payload;
///     if memory.state.as_ref().is_some_and(|room| room.highest >= celsius) {
///         return Ok(Work::did("no record"));
///     }
///     Ok(Work::did("a record")
///         .remember(&memory, &Room { highest: celsius })
///         .announce(&RecordBroken { room, celsius }))
/// }
///
/// let consumer = Consumer::reading("records", |event| vec![(ROOMS, key(event))], watch)
///     .sequential_by(|measured| measured.payload.room.clone())
///     .tables([ROOMS])
///     .announces::<RecordBroken>();
///
/// use fanfare::testing::{event, given};
/// let measured = |id, celsius| event(id, &TemperatureMeasured { room: "attic".to_owned(), celsius });
/// given(consumer)
///     .after(&measured("evt_1", 31))
///     .when(&measured("evt_2", 30))
///     .then_did("no record")
///     .when(&measured("evt_3", 32))
///     .then_did("a record")
///     .then_stream("heat-attic", 2);
/// ```
#[derive(Debug, Clone)]
pub struct Memory<S> {
    /// What is remembered; `None` when nothing has happened yet.
    pub state: Option<S>,
    table: Table,
    key: Key,
    marks: Marks,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Marks {
    #[serde(default)]
    revision: u64,
    #[serde(flatten)]
    counted: Counted,
}

/// How many events a stream has, as far as a memory has appended them. Others may have appended too: then it is less
/// than there are, and never more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counted {
    #[serde(default, rename = "appended")]
    events: u64,
    /// Absent as long as nothing was announced; and in items of before this was written down, whose work had to keep to
    /// one stream.
    #[serde(default, rename = "appendedTo", skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
}

impl Counted {
    /// How many events this stream has at least, if it is the one that is counted.
    pub(crate) fn head(&self, stream: &str) -> Option<u64> {
        self.stream.as_deref().is_none_or(|counted| counted == stream).then_some(self.events)
    }

    /// What it is once this work is committed, after which the streams stand so.
    pub(crate) fn then(&self, work: &Work, heads: &BTreeMap<String, u64>) -> Self {
        let first = || work.events.first().map(|event| event.stream.clone());
        let Some(stream) = self.stream.clone().or_else(first) else { return self.clone() };
        let events = heads.get(&stream).copied().unwrap_or(self.events);
        Self { events, stream: Some(stream) }
    }
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
    /// written and the handler is asked again. An item with a field `revision`, `appended` or `appendedTo` of its own
    /// can't be remembered.
    pub fn remember<S: Serialize>(self, memory: &Memory<S>, state: &S) -> Self {
        let Marks { revision, counted } = memory.marks.clone();
        let key = memory.key.clone();
        self.write(Write::remember(memory.table, key, state, revision, counted))
    }
}
