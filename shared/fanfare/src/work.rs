//! The unit of work: what a handler decided.

use crate::{Failure, Key, Write};
use fanfare_event::{EventType, Redacted};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The effect of a consumer that has none outside DynamoDB. It has no value.
///
/// ```
/// use fanfare::{Consumer, NoEffect, Payload};
///
/// /// What every consumer of this house has in common.
/// fn of_this_house<P>(consumer: Consumer<P, NoEffect>) -> Consumer<P, NoEffect> {
///     consumer.backoff(fanfare::Backoff::default())
/// }
/// ```
pub type NoEffect = std::convert::Infallible;

/// What should be written, announced and done because of one event: all or nothing.
///
/// It takes effect in one DynamoDB transaction together with the idempotency record. DynamoDB takes 100
/// items and 4 MB in a transaction; more is a permanent failure.
/// `Fx` is an effect outside DynamoDB, and `R` what it comes to.
///
/// ```
/// use fanfare::{Key, Only, Table, Work, Write};
/// use serde_json::json;
///
/// #[fanfare::event(stream = "seat-{seat}", correlation = seat)]
/// pub struct SeatTaken {
///     pub seat: String,
/// }
///
/// const SEATS: Table = Table::named_by("SEATS_TABLE");
///
/// /// Takes a seat that nobody has, and says so.
/// fn take(seat: String, guest: &str) -> Work {
///     let taken = Write::put(SEATS, Key::new("seat", seat.clone()), &json!({"by": guest}), Only::IfAbsent);
///     Work::did("took the seat")
///         .write(taken)
///         .announce_first(&SeatTaken { seat })
///         .otherwise(|_| Work::did("somebody sits there"))
/// }
/// # drop(take("12a".to_owned(), "Ada"));
/// ```
#[must_use]
pub struct Work<Fx = NoEffect, R = ()> {
    pub(crate) did: Cow<'static, str>,
    pub(crate) writes: Vec<Write>,
    pub(crate) events: Vec<Announced>,
    pub(crate) effect: Option<Effect<Fx, R>>,
    pub(crate) otherwise: Option<Otherwise>,
}

pub(crate) type Otherwise = Box<dyn FnOnce(Refused) -> Work + Send>;

/// An effect, and what follows from its result if that decides.
pub(crate) struct Effect<Fx, R> {
    pub(crate) effect: Fx,
    pub(crate) then: Option<Then<R>>,
}

pub(crate) type Then<R> = Box<dyn FnOnce(R) -> Result<Work, Failure> + Send>;

/// An event to be appended, and so announced.
#[derive(Debug)]
pub(crate) struct Announced {
    pub(crate) event_type: &'static str,
    pub(crate) schema_version: u32,
    pub(crate) stream: String,
    pub(crate) position: Position,
    pub(crate) correlation_id: String,
    pub(crate) tenant: Option<String>,
    pub(crate) payload: Result<Box<RawValue>, serde_json::Error>,
}

/// Where in its stream an event is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    /// Wherever the stream stands.
    Next,
    /// At its beginning, or nowhere.
    First,
    /// Right after this version, or the handler decides anew.
    After(u64),
}

impl Position {
    /// The version that the event follows on, when this is the last one that is known of the stream.
    pub(crate) fn after(self, head: Option<u64>) -> u64 {
        match self {
            // Too low at worst, which the stream refuses: a gap it can't become.
            Self::Next => head.unwrap_or(0),
            Self::First => 0,
            Self::After(version) => version,
        }
    }
}

/// What did not hold of a unit of work, for its [`otherwise`](Work::otherwise).
///
/// ```
/// use fanfare::{Key, Refused, Work};
///
/// fn sold_out(refused: Refused) -> Work {
///     let seats = refused.keys.iter().filter_map(|key| key.get("seat"));
///     Work::did(format!("not free: {}", seats.collect::<Vec<_>>().join(", ")))
/// }
///
/// let refused = Refused { keys: vec![Key::new("seat", "12a")], stream_moved_on: false };
/// assert!(format!("{:?}", sold_out(refused)).contains("not free: 12a"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// The keys of the items whose writes' conditions did not hold.
    pub keys: Vec<Key>,
    /// Whether a stream exists already that [`announce_first`](Work::announce_first) was to begin.
    pub stream_moved_on: bool,
}

impl<Fx, R> Work<Fx, R> {
    /// Work that writes nothing yet; `did` says in a few words what it comes to, without personal
    /// data, for the ledger and the trace.
    pub fn did(did: impl Into<Cow<'static, str>>) -> Self {
        Self {
            did: did.into(),
            writes: Vec::new(),
            events: Vec::new(),
            effect: None,
            otherwise: None,
        }
    }

    /// Adds a write. One item may be written once only.
    pub fn write(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    /// Adds several writes.
    pub fn writes(mut self, writes: impl IntoIterator<Item = Write>) -> Self {
        self.writes.extend(writes);
        self
    }

    /// Appends an event to the stream that its type names, wherever that stands, which makes it announced.
    ///
    /// Right for everybody: events of several messages and several functions may go to one stream, and each gets a
    /// version of its own, without gaps. If somebody else appends at the same moment the runtime tries again, up to six
    /// times within the invocation, and then the message is retried. A stream takes one transaction at a time, so one that
    /// everything goes to is slow: give each thing its own.
    ///
    /// It costs the write of one item (an event of 1 KB is 2 write units in a transaction, and 1 for the index by
    /// correlation), whatever the stream's length. An execution environment remembers where the last few thousand
    /// streams stand that it appended to; what it does not know is asked of DynamoDB before the commit, by one Query of the
    /// last event for each stream, all streams of a batch at once: one round trip, and a read unit for every 4 KB of that
    /// event. Work that [remembers](Self::remember) something knows it from there. So the function's role must
    /// allow `dynamodb:Query` and `dynamodb:PutItem` on the table that `EVENTS_TABLE` names.
    pub fn announce<E: EventType>(self, event: &E) -> Self {
        self.announce_at(Position::Next, event)
    }

    /// As [`announce`](Self::announce), but the event must begin its stream: for a decision that is made once, by whoever
    /// comes first. If the stream exists already nothing of this work is written, which is a case for
    /// [`otherwise`](Self::otherwise), or makes the record fail for good. It asks nothing before the commit.
    pub fn announce_first<E: EventType>(self, event: &E) -> Self {
        self.announce_at(Position::First, event)
    }

    /// As [`announce`](Self::announce), but right after this version of the stream, which the handler has
    /// [seen](crate::stored_event): for a handler whose memory is the stream itself. If the stream has moved on nothing
    /// of this work is written, and the handler is asked again. It asks nothing before the commit.
    pub fn announce_after<E: EventType>(self, version: u64, event: &E) -> Self {
        self.announce_at(Position::After(version), event)
    }

    fn announce_at<E: EventType>(mut self, position: Position, event: &E) -> Self {
        self.events.push(Announced {
            event_type: E::TYPE,
            schema_version: E::VERSION,
            stream: event.stream(),
            position,
            correlation_id: event.correlation_id(),
            tenant: event.tenant(),
            payload: serde_json::value::to_raw_value(event),
        });
        self
    }

    /// Asks for an effect outside DynamoDB, done under a lease before the rest is committed.
    pub fn effect(mut self, effect: Fx) -> Self {
        self.effect = Some(Effect { effect, then: None });
        self
    }

    /// Work that is an effect outside DynamoDB, done under a lease, and then what `then` makes of its result.
    ///
    /// The result is kept in the ledger as soon as it is known, and given to `then` again, instead of acting
    /// again, when the rest could not be committed. So `then` should follow from the event and the result, and
    /// an event that asked for an effect once should ask for it on every retry: if the handler then decides
    /// otherwise, the message goes to the dead-letter queue, for somebody to look.
    pub fn act(effect: Fx, then: impl FnOnce(R) -> Work + Send + 'static) -> Self {
        let then: Then<R> = Box::new(|result| Ok(then(result)));
        Self { effect: Some(Effect { effect, then: Some(then) }), ..Self::did("") }
    }

    /// What to do instead when a write's condition does not hold, or when a stream exists already that
    /// [`announce_first`](Self::announce_first) should begin. Without it, such a write makes the record fail, to be
    /// tried again, and such a stream makes it fail for good.
    pub fn otherwise(mut self, decide: impl FnOnce(Refused) -> Work + Send + 'static) -> Self {
        self.otherwise = Some(Box::new(decide));
        self
    }

    /// Where its first event on a stream is to go: the others follow on that.
    pub(crate) fn position_on(&self, stream: &str) -> Option<Position> {
        self.events.iter().find(|event| event.stream == stream).map(|event| event.position)
    }

    /// Parts the effect from what is to be committed once it is done.
    pub(crate) fn split(self) -> (Work, Option<Effect<Fx, R>>) {
        let Self { did, writes, events, effect, otherwise } = self;
        (Work { did, writes, events, effect: None, otherwise }, effect)
    }
}

impl<Fx, R: DeserializeOwned + 'static> Work<Fx, R> {
    /// The work with its effect's result in the form in which it is kept: what follows is decided from that also
    /// the first time, so that a repeat can't be different.
    pub(crate) fn on_kept(self) -> Work<Fx, Kept> {
        let Self { did, writes, events, effect, otherwise } = self;
        let effect = effect.map(|Effect { effect, then }| Effect {
            effect,
            then: then.map(|then| -> Then<Kept> { Box::new(|kept| then(kept.read()?)) }),
        });
        Work { did, writes, events, effect, otherwise }
    }
}

/// An effect's result as it is kept: its JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept(pub(crate) String);

impl Kept {
    /// # Errors
    /// [`Failure::Unknown`] when the result has no JSON form: the effect has happened, and what it came to is lost.
    pub(crate) fn new(result: &impl Serialize) -> Result<Self, Failure> {
        serde_json::to_string(result)
            .map(Self)
            .map_err(|e| Failure::unknown("the effect's result can't be kept").caused_by(e))
    }

    fn read<R: DeserializeOwned>(&self) -> Result<R, Failure> {
        serde_json::from_str(&self.0).map_err(|e| {
            let unreadable = Failure::permanent("the effect's result can't be read");
            unreadable.caused_by(Redacted::words_of(&e))
        })
    }
}

impl<Fx, R> fmt::Debug for Work<Fx, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work")
            .field("did", &self.did)
            .field("writes", &self.writes)
            .field("events", &self.events)
            .field("has_effect", &self.effect.is_some())
            .field("has_otherwise", &self.otherwise.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_result_that_has_no_json_form_leaves_the_outcome_unknown() {
        let no_texts = BTreeMap::from([([1, 2], "a key that is no text")]);
        assert!(matches!(Kept::new(&no_texts), Err(Failure::Unknown { .. })));
    }
}
