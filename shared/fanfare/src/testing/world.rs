//! A consumer and its tables in memory.

use crate::memory::REVISION;
use crate::state::EVENT_STORE;
use crate::testing::expect;
use crate::work::{Announced, Effect, Kept, Position};
use crate::write::Action;
use crate::{
    Consumer, Failure, Key, Only, Refused, State, Table, Work, Write, refusal, stored_event,
};
use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_event::{Envelope, Event, EventId, Payload, Timestamp};
use futures_util::FutureExt;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

type Items = BTreeMap<(Table, Key), Map<String, Value>>;

/// A consumer and the world around it.
pub(super) struct World<P, Fx> {
    consumer: Consumer<P, Fx>,
    items: Items,
    applied: BTreeSet<EventId>,
    streams: BTreeMap<String, Vec<Envelope>>,
    announced: Vec<(&'static str, Value)>,
    effects: Vec<Fx>,
    results: BTreeMap<EventId, Kept>,
}

impl<P: Payload + Send + 'static, Fx: Clone + Send + 'static> World<P, Fx> {
    /// A world in which nothing has happened yet.
    pub(super) fn new(consumer: Consumer<P, Fx>) -> Self {
        Self {
            consumer,
            items: Items::new(),
            applied: BTreeSet::new(),
            streams: BTreeMap::new(),
            announced: Vec::new(),
            effects: Vec::new(),
            results: BTreeMap::new(),
        }
    }

    pub(super) fn put(&mut self, table: Table, key: Key, item: Map<String, Value>) {
        self.items.insert((table, key), item);
    }

    pub(super) fn item(&self, table: Table, key: &Key) -> Option<&Map<String, Value>> {
        self.items.get(&(table, key.clone()))
    }

    /// Every event announced, by type and payload.
    pub(super) fn announced(&self) -> &[(&'static str, Value)] {
        &self.announced
    }

    pub(super) fn head(&self, stream: &str) -> u64 {
        self.streams.get(stream).map_or(0, |events| events.len() as u64)
    }

    pub(super) fn effects(&self) -> &[Fx] {
        &self.effects
    }

    /// Delivers an event. Gives what was done, "" for a duplicate.
    pub(super) fn deliver(&mut self, envelope: &Envelope) -> Result<String, Failure> {
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
        let wanted = (self.consumer.reads)(&event);
        wanted.iter().for_each(|(table, _)| self.must_use(*table));
        let state: State = wanted.into_iter().filter_map(read).collect();
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

    /// The item of an event that was announced, if that is what is asked for.
    fn stored_event(&self, place: &(Table, Key)) -> Option<HashMap<String, AttributeValue>> {
        let mut events = self.streams.iter().flat_map(|(stream, events)| {
            (1..).zip(events).map(move |(version, event)| (stored_event(stream, version), event))
        });
        let (_, event) = events.find(|(key, _)| key == place)?;
        let json = expect(event.to_json(), "an envelope with a JSON form");
        Some(HashMap::from([(fanfare_event_store::ENVELOPE.to_owned(), AttributeValue::S(json))]))
    }

    fn apply(&mut self, work: Work, cause: &EventId) -> Result<String, Failure> {
        work.writes.iter().for_each(|write| self.must_use(write.table));
        work.events.iter().for_each(|event| self.must_announce(event));
        let mut refused = Refused::default();
        let (mut streams, mut heads) = (self.streams.clone(), BTreeMap::new());
        for (place, event) in work.events.iter().enumerate() {
            let stream = streams.entry(event.stream.clone()).or_default();
            let head = stream.len() as u64;
            match work.position_on(&event.stream) {
                Some(Position::First) if self.head(&event.stream) > 0 => {
                    if work.otherwise.is_none() {
                        return Err(refusal::stream_exists(event));
                    }
                    refused.stream_moved_on = true;
                }
                Some(Position::After(version)) if self.head(&event.stream) != version => {
                    return Err(Failure::outdated());
                }
                _ => {}
            }
            stream.push(stored(event, head + 1, cause, place)?);
            heads.insert(event.stream.clone(), head + 1);
        }
        let mut items = self.items.clone();
        for write in &work.writes {
            if !apply(write, &work, &heads, &mut items)? {
                refused.keys.push(write.key.clone());
            }
        }
        match (refused == Refused::default(), work.otherwise) {
            (false, Some(decide)) => return self.apply(decide(refused), cause),
            (false, None) => return Err(Failure::retry("a condition does not hold")),
            (true, _) => {}
        }
        self.items = items;
        self.streams = streams;
        for event in work.events {
            let payload = event.payload.map_err(|e| Failure::permanent("no JSON").caused_by(e))?;
            let value = expect(serde_json::from_str(payload.get()), "JSON");
            self.announced.push((event.event_type, value));
        }
        Ok(work.did.into_owned())
    }

    /// A table that the consumer does not name would be found missing in production.
    fn must_use(&self, table: Table) {
        let (name, variable) = (self.consumer.name, table.variable());
        assert!(
            table == EVENT_STORE && !self.consumer.announces.is_empty()
                || self.consumer.tables.contains(&table),
            "the consumer {name} uses the table of {variable} and does not say so: add it to its `.tables([..])`, so \
             that a function without it ends at its start",
        );
    }

    fn must_announce(&self, event: &Announced) {
        let (name, event_type) = (self.consumer.name, event.event_type);
        assert!(
            self.consumer.announces.contains(&event_type),
            "the consumer {name} announces {event_type} and does not say so: add `.announces::<{event_type}>()`, so \
             that a function without EVENTS_TABLE ends at its start",
        );
    }
}

/// An announced event as the event store keeps it.
fn stored(
    event: &Announced,
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
        tenant: event.tenant.clone(),
        source: None,
        payload: payload.clone(),
    })
}

/// Applies one write; `false` when its condition does not hold.
fn apply(
    write: &Write,
    work: &Work,
    heads: &BTreeMap<String, u64>,
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
        Action::Remember { item, seen, counted } => {
            let mut item = item.as_ref().map_err(|e| Failure::permanent(e.to_string()))?.clone();
            let is_as_seen = old.and_then(|old| number(old, REVISION)).unwrap_or(0) as u64 == *seen;
            item.insert(REVISION.to_owned(), (seen + 1).into());
            let counted = serde_json::to_value(counted.then(work, heads));
            let counted: Map<_, _> = expect(counted.and_then(serde_json::from_value), "an object");
            item.extend(counted);
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
