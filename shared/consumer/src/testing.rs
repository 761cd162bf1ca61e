//! The given/when/then kit for handlers: no AWS, no I/O, tables in memory.
//!
//! A [`World`] holds what the consumer's tables hold, takes events as the runtime would deliver them,
//! and applies the handler's work all or nothing, once for each event id, by the same rules as the
//! runtime does on DynamoDB.

use crate::write::Action;
use crate::{Consumer, Failure, Key, Only, Refused, State, Table, Work, Write, decode};
use event_schema::{Envelope, Event, EventId, EventType, Payload, SchemaError, Timestamp};
use futures_util::FutureExt;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

type Items = BTreeMap<(Table, Key), Map<String, Value>>;

/// A consumer and the world around it.
pub struct World<P, Fx> {
    consumer: Consumer<P, Fx>,
    items: Items,
    applied: BTreeSet<EventId>,
    streams: BTreeSet<String>,
    emitted: Vec<(&'static str, Value)>,
    effects: Vec<Fx>,
    last: Result<String, Failure>,
}

/// An event as it would arrive: `payload` under the id `id`, on 15 January 2024.
///
/// # Panics
/// When the id is malformed or the payload has no JSON form, which ends the test.
pub fn event<E: EventType>(id: &str, payload: &E) -> Envelope {
    let id = expect(EventId::new(id), "a valid event id");
    let at = expect("2024-01-15T10:30:00Z".parse::<Timestamp>(), "a valid timestamp");
    expect(Envelope::wrap(payload, id, at), "a payload with a JSON form")
}

/// Reads a message's body as the runtime does: an envelope as it is, or in SNS's notification of it.
///
/// # Errors
/// [`SchemaError::Envelope`] when it is neither.
pub fn from_body(body: &str) -> Result<Envelope, SchemaError> {
    decode::envelope(body)
}

impl<P: Payload + Send + 'static, Fx: Clone + Send + 'static> World<P, Fx> {
    /// A world in which nothing has happened yet.
    pub fn given(consumer: Consumer<P, Fx>) -> Self {
        Self {
            consumer,
            items: Items::new(),
            applied: BTreeSet::new(),
            streams: BTreeSet::new(),
            emitted: Vec::new(),
            effects: Vec::new(),
            last: Ok(String::new()),
        }
    }

    /// Puts an item into a table.
    ///
    /// # Panics
    /// When `item` is not a JSON object, which ends the test.
    #[must_use]
    pub fn item(mut self, table: Table, key: Key, item: Value) -> Self {
        let item = expect(serde_json::from_value(item), "an object");
        self.items.insert((table, key), item);
        self
    }

    /// Delivers an event; an event id that was applied before changes nothing.
    #[must_use]
    pub fn when(mut self, event: &Envelope) -> Self {
        self.last = self.deliver(event);
        self
    }

    /// Checks what the last delivery did, in the consumer's own words; "" for a duplicate.
    ///
    /// # Panics
    /// When it did something else, which fails the test.
    #[track_caller]
    pub fn then_did(self, did: &str) -> Self {
        match &self.last {
            Ok(done) => assert_eq!(done, did),
            Err(failure) => assert_eq!(failure.to_string(), did, "the delivery failed"),
        }
        self
    }

    /// Checks that the last delivery failed, for good or not, with this reason.
    ///
    /// # Panics
    /// When it did not, which fails the test.
    #[track_caller]
    pub fn then_failed(self, permanently: bool, reason: &str) -> Self {
        let failure = self.last.as_ref().err().map(|f| (f.is_permanent(), f.to_string()));
        assert_eq!(failure, Some((permanently, reason.to_owned())));
        self
    }

    /// Checks an item, the key's attributes left aside.
    ///
    /// # Panics
    /// When the item is absent or other, which fails the test.
    #[track_caller]
    pub fn then_item(self, table: Table, key: Key, expected: Value) -> Self {
        let mut item = self.items.get(&(table, key.clone())).cloned();
        if let Some(item) = &mut item {
            item.retain(|name, _| key.get(name).is_none());
        }
        assert_eq!(item.map(Value::Object), Some(expected), "item {key}");
        self
    }

    /// Checks every event emitted since the start, in order.
    ///
    /// # Panics
    /// When others were emitted, which fails the test.
    #[track_caller]
    pub fn then_emitted<E: EventType>(self, expected: &[E]) -> Self {
        let json = |event| expect(serde_json::to_value(event), "a payload with a JSON form");
        let expected: Vec<_> = expected.iter().map(|event| (E::TYPE, json(event))).collect();
        assert_eq!(self.emitted, expected);
        self
    }

    /// The effects that were asked for since the start, in order.
    pub fn effects(&self) -> &[Fx] {
        &self.effects
    }

    /// An attribute of an item as a number, 0 when there is none.
    pub fn number(&self, table: Table, key: Key, attribute: &str) -> i64 {
        self.items.get(&(table, key)).map_or(0, |item| number(item, attribute).unwrap_or(0))
    }

    fn deliver(&mut self, envelope: &Envelope) -> Result<String, Failure> {
        if self.applied.contains(&envelope.event_id) {
            return Ok(String::new());
        }
        let event = Event::<P>::from_envelope(envelope)
            .map_err(|e| Failure::permanent("the event can't be read").caused_by(e))?;
        let read = |place: (Table, Key)| {
            let item = serde_dynamo::to_item(self.items.get(&place)?);
            Some((place, expect(item, "an item")))
        };
        let state: State = (self.consumer.reads)(&event).into_iter().filter_map(read).collect();
        let decision = (self.consumer.decide)(event, state).now_or_never();
        let work = decision.unwrap_or_else(|| Err(Failure::permanent("the handler did I/O")))?;
        let (work, effect) = work.split();
        let did = self.apply(work)?;
        self.effects.extend(effect);
        self.applied.insert(envelope.event_id.clone());
        Ok(did)
    }

    fn apply(&mut self, work: Work) -> Result<String, Failure> {
        let mut items = self.items.clone();
        let mut refused = Refused::default();
        for write in &work.writes {
            if !apply(write, &mut items)? {
                refused.keys.push(write.key.clone());
            }
        }
        match (refused.keys.is_empty(), work.otherwise) {
            (false, Some(decide)) => return self.apply(decide(refused)),
            (false, None) => return Err(Failure::retry("a condition does not hold")),
            (true, _) => {}
        }
        for event in &work.events {
            if !self.streams.insert(event.stream.clone()) {
                let reason = "a stream that the event should begin exists";
                return Err(Failure::permanent(reason));
            }
        }
        self.items = items;
        for event in work.events {
            let payload = event.payload.map_err(|e| Failure::permanent("no JSON").caused_by(e))?;
            let value = expect(serde_json::from_str(payload.get()), "JSON");
            self.emitted.push((event.event_type, value));
        }
        Ok(work.did.into_owned())
    }
}

/// Applies one write; `false` when its condition does not hold.
fn apply(write: &Write, items: &mut Items) -> Result<bool, Failure> {
    let place = (write.table, write.key.clone());
    let old = items.get(&place);
    match &write.action {
        Action::Put { item, only } => {
            let item = item.as_ref().map_err(|e| Failure::permanent(e.to_string()))?;
            let allowed = match (only, old) {
                (Only::Always, _) | (_, None) => true,
                (Only::IfAbsent, Some(_)) => false,
                (Only::IfNewer(attribute), Some(old)) => {
                    // DynamoDB compares nothing with an attribute that is not there.
                    number(old, attribute).is_some_and(|old| Some(old) < number(item, attribute))
                }
            };
            if allowed {
                items.insert(place, item.clone());
            }
            Ok(allowed)
        }
        Action::Count { add, at_least } => {
            let has = |attribute: &str| old.and_then(|item| number(item, attribute));
            if at_least.iter().any(|(attribute, floor)| has(attribute) < Some(*floor)) {
                return Ok(false);
            }
            let item = items.entry(place).or_default();
            for (attribute, amount) in add {
                let sum = number(item, attribute).unwrap_or(0) + amount;
                item.insert((*attribute).to_owned(), sum.into());
            }
            Ok(true)
        }
    }
}

fn number(item: &Map<String, Value>, attribute: &str) -> Option<i64> {
    item.get(attribute).and_then(Value::as_i64)
}

#[track_caller]
#[allow(clippy::panic, reason = "a test that is set up wrongly should end there")]
fn expect<T, E: std::fmt::Debug>(result: Result<T, E>, what: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("expected {what}: {error:?}"),
    }
}
