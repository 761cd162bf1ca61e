//! The steps of a test, a type for each, so that none can be left out: what was delivered is always looked at.

use crate::memory::RESERVED;
use crate::testing::expect;
use crate::testing::world::World;
use crate::{Consumer, Failure, Key, Table};
use fanfare_event::{Envelope, EventType, Payload};
use serde::Serialize;
use serde_json::{Map, Value};

/// What there is before an event is delivered; made by [`given`].
#[must_use = "nothing was delivered: go on with `when`"]
pub struct Given<P, Fx>(World<P, Fx>);

/// An event that was delivered, and that nobody has looked at: go on with what it should have come to.
#[must_use = "nobody has looked what became of the event: go on with `then_did` or `then_failed`"]
pub struct When<P, Fx> {
    world: World<P, Fx>,
    outcome: Result<String, Failure>,
}

/// What there is after an event was delivered and looked at.
pub struct Then<P, Fx>(World<P, Fx>);

/// Begins a test of a consumer, for which nothing has happened yet.
pub fn given<P, Fx>(consumer: Consumer<P, Fx>) -> Given<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Clone + Send + 'static,
{
    Given(World::new(consumer))
}

impl<P: Payload + Send + 'static, Fx: Clone + Send + 'static> Given<P, Fx> {
    /// Puts an item into a table.
    ///
    /// # Panics
    /// When `item` is not a JSON object, which ends the test.
    pub fn item(mut self, table: Table, key: Key, item: impl Serialize) -> Self {
        let item = serde_json::to_value(item).and_then(serde_json::from_value::<Map<_, _>>);
        self.0.put(table, key, expect(item, "an object"));
        self
    }

    /// Lets the consumer hear of an event that happened before those that the test is about.
    ///
    /// # Panics
    /// When it fails, which ends the test.
    #[track_caller]
    pub fn after(mut self, event: &Envelope) -> Self {
        expect(self.0.deliver(event), "the consumer to handle what happened before");
        self
    }

    /// Delivers an event; an event id that was applied before changes nothing.
    pub fn when(mut self, event: &Envelope) -> When<P, Fx> {
        let outcome = self.0.deliver(event);
        When { world: self.0, outcome }
    }

    /// What there is so far, without a further event.
    pub fn so_far(self) -> Then<P, Fx> {
        Then(self.0)
    }
}

impl<P, Fx> When<P, Fx> {
    /// Checks what the delivery did, in the consumer's own words; "" for a duplicate.
    ///
    /// # Panics
    /// When it did something else, which fails the test.
    #[track_caller]
    pub fn then_did(self, did: &str) -> Then<P, Fx> {
        match &self.outcome {
            Ok(done) => assert_eq!(done, did),
            Err(failure) => assert_eq!(failure.to_string(), did, "the delivery failed"),
        }
        Then(self.world)
    }

    /// Checks that the delivery did something, whatever it was.
    ///
    /// # Panics
    /// When it failed, which fails the test.
    #[track_caller]
    pub fn then_succeeded(self) -> Then<P, Fx> {
        expect(self.outcome, "the delivery to succeed");
        Then(self.world)
    }

    /// Checks that the delivery failed, for good or not, with this reason.
    ///
    /// # Panics
    /// When it did not, which fails the test.
    #[track_caller]
    pub fn then_failed(self, permanently: bool, reason: &str) -> Then<P, Fx> {
        let failure = self.outcome.as_ref().err().map(|f| (f.is_permanent(), f.to_string()));
        assert_eq!(failure, Some((permanently, reason.to_owned())));
        Then(self.world)
    }
}

impl<P: Payload + Send + 'static, Fx: Clone + Send + 'static> Then<P, Fx> {
    /// Checks an item, the key's attributes left aside, and those that the runtime adds to what is remembered.
    ///
    /// # Panics
    /// When the item is absent or other, which fails the test.
    #[track_caller]
    pub fn then_item(self, table: Table, key: Key, expected: impl Serialize) -> Self {
        let expected = expect(serde_json::to_value(expected), "an item with a JSON form");
        let mut item = self.0.item(table, &key).cloned();
        if let Some(item) = &mut item {
            item.retain(|name, _| !key.has(name) && !RESERVED.contains(&name.as_str()));
        }
        assert_eq!(item.map(Value::Object), Some(expected), "item {key}");
        self
    }

    /// Checks the types of every event announced since the start, in order.
    ///
    /// # Panics
    /// When others were announced, which fails the test.
    #[track_caller]
    pub fn then_announced(self, types: &[&str]) -> Self {
        let announced: Vec<_> = self.0.announced().iter().map(|(name, _)| *name).collect();
        assert_eq!(announced, types);
        self
    }

    /// Checks every event announced since the start, in order, with all that it says.
    ///
    /// # Panics
    /// When others were announced, which fails the test.
    #[track_caller]
    pub fn then_announced_exactly<E: EventType>(self, expected: &[E]) -> Self {
        let json = |event| expect(serde_json::to_value(event), "a payload with a JSON form");
        let expected: Vec<_> = expected.iter().map(|event| (E::TYPE, json(event))).collect();
        assert_eq!(self.0.announced(), expected);
        self
    }

    /// Checks how many events a stream has.
    ///
    /// # Panics
    /// When it has more or fewer, which fails the test.
    #[track_caller]
    pub fn then_stream(self, stream: &str, events: u64) -> Self {
        assert_eq!(self.0.head(stream), events, "events of the stream {stream}");
        self
    }

    /// The effects that were performed since the start, in order, successfully or not. They are performed by the
    /// function that the consumer was made with, which must answer at once.
    pub fn effects(&self) -> &[Fx] {
        self.0.effects()
    }

    /// An attribute of an item as a number, 0 when there is none.
    pub fn number(&self, table: Table, key: Key, attribute: &str) -> i64 {
        let item = self.0.item(table, &key);
        item.and_then(|item| item.get(attribute)?.as_i64()).unwrap_or(0)
    }

    /// Puts an item into a table, for what comes next.
    ///
    /// # Panics
    /// As [`Given::item`].
    pub fn item(self, table: Table, key: Key, item: impl Serialize) -> Given<P, Fx> {
        Given(self.0).item(table, key, item)
    }

    /// As [`Given::after`].
    #[track_caller]
    pub fn after(self, event: &Envelope) -> Given<P, Fx> {
        Given(self.0).after(event)
    }

    /// As [`Given::when`].
    pub fn when(self, event: &Envelope) -> When<P, Fx> {
        Given(self.0).when(event)
    }
}
