//! The unit of work: what a handler decided.

use crate::{Failure, Key, Write};
use fanfare_event::{EventType, Redacted};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The effect of a consumer that has none outside DynamoDB. It has no value.
pub type NoEffect = std::convert::Infallible;

/// What should be written, announced and done because of one event: all or nothing.
///
/// It takes effect in one DynamoDB transaction together with the idempotency record. DynamoDB takes 100
/// items and 4 MB in a transaction; more is a permanent failure.
/// `Fx` is an effect outside DynamoDB, and `R` what it comes to.
#[must_use]
pub struct Work<Fx = NoEffect, R = ()> {
    pub(crate) did: Cow<'static, str>,
    pub(crate) writes: Vec<Write>,
    pub(crate) events: Vec<Emitted>,
    pub(crate) effect: Option<Effect<Fx, R>>,
    pub(crate) otherwise: Option<Otherwise>,
    /// How many events the stream had that this work's memory counts.
    pub(crate) appended: Option<u64>,
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
pub(crate) struct Emitted {
    pub(crate) event_type: &'static str,
    pub(crate) schema_version: u32,
    pub(crate) stream: String,
    /// The version of its stream that it must follow on, if the handler said so.
    pub(crate) after: Option<u64>,
    pub(crate) correlation_id: String,
    pub(crate) payload: Result<Box<RawValue>, serde_json::Error>,
}

/// What did not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// The keys of the items whose writes' conditions did not hold.
    pub keys: Vec<Key>,
    /// Whether an event that was to be emitted found its place in its stream taken.
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
            appended: None,
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

    /// Appends an event to the stream that its type names, which makes it announced. It continues the stream
    /// when the work [remembers](Self::remember) something, and begins it otherwise: a stream that exists
    /// already is then a case for [`otherwise`](Self::otherwise), or makes the record fail for good.
    pub fn emit<E: EventType>(mut self, event: &E) -> Self {
        self.events.push(Emitted::new(event, None));
        self
    }

    /// Appends an event to the stream that its type names, right after this version of it. If the stream has
    /// moved on, nothing of this work is written, and the handler is asked again.
    pub fn emit_after<E: EventType>(mut self, version: u64, event: &E) -> Self {
        self.events.push(Emitted::new(event, Some(version)));
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

    /// What to do instead when a write's condition does not hold, or when the stream that the first event should
    /// begin exists. Without it, such a write makes the record fail, to be tried again.
    pub fn otherwise(mut self, decide: impl FnOnce(Refused) -> Work + Send + 'static) -> Self {
        self.otherwise = Some(Box::new(decide));
        self
    }

    /// Parts the effect from what is to be committed once it is done.
    pub(crate) fn split(self) -> (Work, Option<Effect<Fx, R>>) {
        let Self { did, writes, events, effect, otherwise, appended } = self;
        (Work { did, writes, events, effect: None, otherwise, appended }, effect)
    }

    /// Whether what it was decided from is checked when it is committed, so that it can be decided again.
    pub(crate) fn depends_on_the_past(&self) -> bool {
        self.appended.is_some() || self.events.iter().any(|event| event.after.is_some())
    }
}

impl Emitted {
    fn new<E: EventType>(event: &E, after: Option<u64>) -> Self {
        Self {
            event_type: E::TYPE,
            schema_version: E::VERSION,
            stream: event.stream(),
            after,
            correlation_id: event.correlation_id(),
            payload: serde_json::value::to_raw_value(event),
        }
    }
}

impl<Fx, R: DeserializeOwned + 'static> Work<Fx, R> {
    /// The work with its effect's result in the form in which it is kept: what follows is decided from that also
    /// the first time, so that a repeat can't be different.
    pub(crate) fn on_kept(self) -> Work<Fx, Kept> {
        let Self { did, writes, events, effect, otherwise, appended } = self;
        let effect = effect.map(|Effect { effect, then }| Effect {
            effect,
            then: then.map(|then| -> Then<Kept> { Box::new(|kept| then(kept.read()?)) }),
        });
        Work { did, writes, events, effect, otherwise, appended }
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
