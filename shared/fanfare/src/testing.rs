//! The given/when/then kit for handlers: no AWS, no I/O, tables in memory.
//!
//! A [`World`] holds what the consumer's tables hold, takes events as the runtime would deliver them,
//! and applies the handler's work all or nothing, once for each event id, by the same rules as the
//! runtime does on DynamoDB.

use crate::memory::{APPENDED, REVISION};
use crate::work::{Effect, Emitted, Kept};
use crate::write::Action;
use crate::{
    Consumer, Failure, Key, Only, Refused, State, Table, Work, Write, decode, stored_event,
};
use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_event::{Envelope, Event, EventId, EventType, Payload, SchemaError, Timestamp};
use futures_util::FutureExt;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

type Items = BTreeMap<(Table, Key), Map<String, Value>>;

/// A consumer and the world around it.
pub struct World<P, Fx> {
    consumer: Consumer<P, Fx>,
    items: Items,
    applied: BTreeSet<EventId>,
    streams: BTreeMap<String, Vec<Envelope>>,
    emitted: Vec<(&'static str, Value)>,
    effects: Vec<Fx>,
    results: BTreeMap<EventId, Kept>,
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
            streams: BTreeMap::new(),
            emitted: Vec::new(),
            effects: Vec::new(),
            results: BTreeMap::new(),
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
            item.retain(|name, _| !key.has(name) && name != REVISION && name != APPENDED);
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

    /// Checks the types of every event emitted since the start, in order.
    ///
    /// # Panics
    /// When others were emitted, which fails the test.
    #[track_caller]
    pub fn then_announced(self, types: &[&str]) -> Self {
        let emitted: Vec<_> = self.emitted.iter().map(|(event_type, _)| *event_type).collect();
        assert_eq!(emitted, types);
        self
    }

    /// The effects that were performed since the start, in order, successfully or not. They are performed by the
    /// function that the consumer was made with, which must answer at once.
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
            let item = match self.items.get(&place) {
                Some(item) => expect(serde_dynamo::to_item(item), "an item"),
                None => self.stored_event(&place)?,
            };
            Some((place, item))
        };
        let state: State = (self.consumer.reads)(&event).into_iter().filter_map(read).collect();
        let decision = (self.consumer.decide)(event, state).now_or_never();
        let work = decision.unwrap_or_else(|| Err(Failure::permanent("the handler did I/O")))?;
        let (mut work, effect) = work.split();
        if let Some(Effect { effect, then }) = effect {
            let result = self.act(effect, &envelope.event_id)?;
            if let Some(then) = then {
                work = then(result)?;
            }
        }
        let did = self.apply(work, &envelope.event_id)?;
        self.applied.insert(envelope.event_id.clone());
        Ok(did)
    }

    /// Lets the consumer perform an effect, unless its result is kept.
    fn act(&mut self, effect: Fx, cause: &EventId) -> Result<Kept, Failure> {
        if let Some(kept) = self.results.get(cause) {
            return Ok(kept.clone());
        }
        self.effects.push(effect.clone());
        let performed = (self.consumer.perform)(effect).now_or_never();
        let kept = performed.unwrap_or_else(|| Err(Failure::unknown("it did not end at once")))?;
        if self.consumer.keeps_results {
            self.results.insert(cause.clone(), kept.clone());
        }
        Ok(kept)
    }

    /// The item of an event that was emitted, if that is what is asked for.
    fn stored_event(&self, place: &(Table, Key)) -> Option<HashMap<String, AttributeValue>> {
        let mut events = self.streams.iter().flat_map(|(stream, events)| {
            (1..).zip(events).map(move |(version, event)| (stored_event(stream, version), event))
        });
        let (_, event) = events.find(|(key, _)| key == place)?;
        let json = expect(event.to_json(), "an envelope with a JSON form");
        Some(HashMap::from([(fanfare_event_store::ENVELOPE.to_owned(), AttributeValue::S(json))]))
    }

    fn apply(&mut self, work: Work, cause: &EventId) -> Result<String, Failure> {
        let mut items = self.items.clone();
        let mut refused = Refused::default();
        for write in &work.writes {
            if !apply(write, work.appended, work.events.len(), &mut items)? {
                refused.keys.push(write.key.clone());
            }
        }
        let mut streams = self.streams.clone();
        for (place, event) in work.events.iter().enumerate() {
            let stream = streams.entry(event.stream.clone()).or_default();
            let after = event.after.or(work.appended).unwrap_or(0);
            refused.stream_moved_on |= place == 0 && after != stream.len() as u64;
            stream.push(stored(event, stream.len() as u64 + 1, cause, place)?);
        }
        match (refused == Refused::default(), work.otherwise) {
            (false, Some(decide)) => return self.apply(decide(refused), cause),
            (false, None) if refused.stream_moved_on => {
                let reason = "a stream that the event should begin exists";
                return Err(Failure::permanent(reason));
            }
            (false, None) => return Err(Failure::retry("a condition does not hold")),
            (true, _) => {}
        }
        self.items = items;
        self.streams = streams;
        for event in work.events {
            let payload = event.payload.map_err(|e| Failure::permanent("no JSON").caused_by(e))?;
            let value = expect(serde_json::from_str(payload.get()), "JSON");
            self.emitted.push((event.event_type, value));
        }
        Ok(work.did.into_owned())
    }
}

/// An emitted event as the event store keeps it.
fn stored(
    event: &Emitted,
    version: u64,
    cause: &EventId,
    place: usize,
) -> Result<Envelope, Failure> {
    let payload = event.payload.as_ref().map_err(|e| Failure::permanent(e.to_string()))?;
    Ok(Envelope {
        event_type: event.event_type.to_owned(),
        event_id: expect(EventId::new(format!("{cause}.{place}")), "a valid event id"),
        timestamp: Timestamp::UNIX_EPOCH,
        schema_version: event.schema_version,
        stream: Some(event.stream.clone()),
        version: Some(version),
        correlation_id: Some(event.correlation_id.clone()),
        causation_id: Some(cause.clone()),
        traceparent: None,
        source: None,
        payload: payload.clone(),
    })
}

/// Applies one write; `false` when its condition does not hold.
fn apply(
    write: &Write,
    appended: Option<u64>,
    events: usize,
    items: &mut Items,
) -> Result<bool, Failure> {
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
        Action::Remember { item, seen } => {
            let mut item = item.as_ref().map_err(|e| Failure::permanent(e.to_string()))?.clone();
            let is_as_seen = old.and_then(|old| number(old, REVISION)).unwrap_or(0) as u64 == *seen;
            item.insert(REVISION.to_owned(), (seen + 1).into());
            item.insert(APPENDED.to_owned(), (appended.unwrap_or(0) + events as u64).into());
            if is_as_seen {
                items.insert(place, item);
            }
            Ok(is_as_seen)
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
