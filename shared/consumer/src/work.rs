//! The unit of work: what a handler decided.

use crate::{Key, Write};
use event_schema::EventType;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The effect of a consumer that has none outside DynamoDB. It has no value.
pub type NoEffect = std::convert::Infallible;

/// What should be written, announced and done because of one event: all or nothing.
///
/// It takes effect in one DynamoDB transaction together with the idempotency record. DynamoDB takes 100
/// items and 4 MB in a transaction; more is a permanent failure.
#[must_use]
pub struct Work<Fx = NoEffect> {
    pub(crate) did: Cow<'static, str>,
    pub(crate) writes: Vec<Write>,
    pub(crate) events: Vec<Emitted>,
    pub(crate) effect: Option<Fx>,
    pub(crate) otherwise: Option<Otherwise>,
    /// How many events the stream had that this work's memory counts.
    pub(crate) appended: Option<u64>,
}

pub(crate) type Otherwise = Box<dyn FnOnce(Refused) -> Work + Send>;

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

impl<Fx> Work<Fx> {
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
        self.effect = Some(effect);
        self
    }

    /// What to do instead when a write's condition does not hold, or when the stream that the first event should
    /// begin exists. Without it, such a write makes the record fail, to be tried again.
    pub fn otherwise(mut self, decide: impl FnOnce(Refused) -> Work + Send + 'static) -> Self {
        self.otherwise = Some(Box::new(decide));
        self
    }

    /// Parts the effect from what is to be committed once it is done.
    pub(crate) fn split(self) -> (Work, Option<Fx>) {
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

impl<Fx> fmt::Debug for Work<Fx> {
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
