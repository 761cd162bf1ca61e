//! What a consumer is: a name, a handler, and what the handler needs.

use crate::work::Kept;
use crate::{Backoff, Failure, Key, NoEffect, State, Table, Work};
use fanfare_event::{Event, EventType, Payload};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::TypeId;
use std::future::Future;
use std::time::Duration;

type Reads<P> = Box<dyn Fn(&Event<P>) -> Vec<(Table, Key)> + Send + Sync>;
type Decided<Fx> = Result<Work<Fx, Kept>, Failure>;
type Decide<P, Fx> = Box<dyn Fn(Event<P>, State) -> BoxFuture<'static, Decided<Fx>> + Send + Sync>;
type Sequence<P> = Box<dyn Fn(&Event<P>) -> String + Send + Sync>;
type Needs<Fx> = Box<dyn Fn(&Fx) -> &'static str + Send + Sync>;
type Perform<Fx> = Box<dyn Fn(Fx) -> BoxFuture<'static, Result<Kept, Failure>> + Send + Sync>;

/// What effects need of which nothing else is said.
const EFFECTS: &str = "effect";
/// How long events of a newer build wait, if nothing else is said: some times what a stack's deployment takes.
const NEWER_EVENTS_WAIT: Duration = Duration::from_secs(60 * 60);

/// A consumer of events of type `P`, whose effects outside DynamoDB are of type `Fx`.
///
/// `P` is one event, or an enum of several that [`catalogue`](macro@crate::catalogue) makes.
///
/// ```
/// use fanfare::{Consumer, Event, Failure, Key, State, Table, Work};
/// use std::time::Duration;
/// # #[fanfare::event(stream = "room-{room}", correlation = room)]
/// # pub struct TemperatureMeasured { pub room: String, pub celsius: i64 }
///
/// /// What is asked of the siren.
/// #[derive(Debug, Clone, PartialEq)]
/// struct Sound(Duration);
///
/// async fn decide(measured: Event<TemperatureMeasured>, _: State) -> Result<Work<Sound>, Failure> {
///     Ok(match measured.payload.celsius {
///         ..50 => Work::did("nothing: it is bearable"),
///         _ => Work::did("sounded the siren").effect(Sound(Duration::from_secs(3))),
///     })
/// }
///
/// /// The I/O is here, at the edge.
/// async fn sound(_: Sound) -> Result<(), Failure> {
///     Ok(())
/// }
///
/// let consumer = Consumer::with_effects("siren", |_| Vec::new(), decide, sound)
///     .lease(Duration::from_secs(30));
///
/// use fanfare::testing::{event, given};
/// let fire = event("evt_1", &TemperatureMeasured { room: "attic".to_owned(), celsius: 80 });
/// let after = given(consumer).when(&fire).then_did("sounded the siren");
/// assert_eq!(after.effects(), [Sound(Duration::from_secs(3))]);
/// ```
pub struct Consumer<P, Fx = NoEffect> {
    pub(crate) name: &'static str,
    pub(crate) reads: Reads<P>,
    pub(crate) decide: Decide<P, Fx>,
    pub(crate) perform: Perform<Fx>,
    /// What an effect depends on.
    pub(crate) needs: Needs<Fx>,
    /// Whether an effect comes to something that is worth keeping.
    pub(crate) keeps_results: bool,
    /// What events are about that must not be decided at once.
    pub(crate) sequence: Option<Sequence<P>>,
    pub(crate) tables: Vec<Table>,
    /// The types of the events that it announces.
    pub(crate) announces: Vec<&'static str>,
    pub(crate) backoff: Backoff,
    pub(crate) lease: Option<Duration>,
    pub(crate) newer_events_wait: Duration,
    pub(crate) unknown_outcome: UnknownOutcome,
}

/// What to do with an event whose effect may or may not have happened: its attempt died, or did not end
/// in time.
///
/// ```
/// use fanfare::UnknownOutcome;
///
/// // A mail may go out twice; what can't be taken back may not.
/// assert_eq!(UnknownOutcome::default(), UnknownOutcome::Retry);
/// let rather_not = UnknownOutcome::Park;
/// # let _: UnknownOutcome = rather_not;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownOutcome {
    /// Perform it again once the lease is over, as often as there are tries (`MAX_TRIES`): for effects that the receiver
    /// recognises as repeated, or that do no harm twice. Then the message goes to the dead-letter queue, as with
    /// [`Park`](Self::Park).
    #[default]
    Retry,
    /// Send the message to the dead-letter queue, for somebody to look. The dead letter names the claim on the effect
    /// in its attribute `fanfare.claim`: put back with that, it is performed; no other copy of the event is.
    Park,
}

impl<P: Payload + Send + 'static> Consumer<P> {
    /// A consumer whose handler needs the event alone. The name is part of every idempotency record's
    /// key: a consumer that is renamed acts on old events anew.
    pub fn new<H, F>(name: &'static str, handler: H) -> Self
    where
        H: Fn(Event<P>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Work, Failure>> + Send + 'static,
    {
        Self {
            name,
            reads: Box::new(|_| Vec::new()),
            decide: Box::new(move |event, _| decided(handler(event))),
            perform: Box::new(|never| match never {}),
            needs: Box::new(|_| EFFECTS),
            keeps_results: false,
            sequence: None,
            tables: Vec::new(),
            announces: Vec::new(),
            backoff: Backoff::default(),
            lease: None,
            newer_events_wait: NEWER_EVENTS_WAIT,
            unknown_outcome: UnknownOutcome::default(),
        }
    }

    /// A consumer whose handler needs to know items of its tables, which `reads` names.
    pub fn reading<R, H, F>(name: &'static str, reads: R, handler: H) -> Self
    where
        R: Fn(&Event<P>) -> Vec<(Table, Key)> + Send + Sync + 'static,
        H: Fn(Event<P>, State) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Work, Failure>> + Send + 'static,
    {
        Self {
            reads: Box::new(reads),
            decide: Box::new(move |event, state| decided(handler(event, state))),
            ..Self::new(name, |_| async { Ok(Work::did("")) })
        }
    }
}

impl<P: Payload + Send + 'static, Fx: Send + 'static> Consumer<P, Fx> {
    /// A consumer whose handler needs to know items of its tables, which `reads` names, and asks for
    /// effects, which `perform` does. An effect may be performed twice when its outcome was lost, so
    /// `perform` should pass a key that makes the receiver ignore the second, where the receiver can.
    ///
    /// What `perform` gives decides what is committed, by [`Work::act`]. Unless it is `()` it is kept in the
    /// ledger, by one more write, before anything is made of it: it should be short, and no personal data.
    pub fn with_effects<N, H, F, A, G, R>(
        name: &'static str,
        reads: N,
        handler: H,
        perform: A,
    ) -> Self
    where
        N: Fn(&Event<P>) -> Vec<(Table, Key)> + Send + Sync + 'static,
        H: Fn(Event<P>, State) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Work<Fx, R>, Failure>> + Send + 'static,
        A: Fn(Fx) -> G + Send + Sync + 'static,
        G: Future<Output = Result<R, Failure>> + Send + 'static,
        R: Serialize + DeserializeOwned + Send + 'static,
    {
        Self {
            name,
            reads: Box::new(reads),
            decide: Box::new(move |event, state| decided(handler(event, state))),
            perform: Box::new(move |effect| kept(perform(effect))),
            needs: Box::new(|_| EFFECTS),
            keeps_results: TypeId::of::<R>() != TypeId::of::<()>(),
            sequence: None,
            tables: Vec::new(),
            announces: Vec::new(),
            backoff: Backoff::default(),
            lease: None,
            newer_events_wait: NEWER_EVENTS_WAIT,
            unknown_outcome: UnknownOutcome::default(),
        }
    }
}

fn decided<Fx, R>(
    handler: impl Future<Output = Result<Work<Fx, R>, Failure>> + Send + 'static,
) -> BoxFuture<'static, Decided<Fx>>
where
    R: DeserializeOwned + 'static,
{
    async { handler.await.map(Work::on_kept) }.boxed()
}

fn kept<R: Serialize>(
    effect: impl Future<Output = Result<R, Failure>> + Send + 'static,
) -> BoxFuture<'static, Result<Kept, Failure>> {
    async { Kept::new(&effect.await?) }.boxed()
}

impl<P, Fx> Consumer<P, Fx> {
    /// The consumer with its events handled one after another where they are about the same thing, such as an
    /// order, which `key` names. For handlers that [recall](State::recall) what happened before: those of
    /// one batch then need not be decided twice.
    #[must_use]
    pub fn sequential_by(self, key: impl Fn(&Event<P>) -> String + Send + Sync + 'static) -> Self {
        Self { sequence: Some(Box::new(key)), ..self }
    }

    /// The consumer with the tables that its handler reads and writes. A function whose environment does not name one of
    /// them, or names one that does not exist, ends at its start; [`testing`](crate::testing) fails a test in which the
    /// handler uses another.
    #[must_use]
    pub fn tables(mut self, tables: impl IntoIterator<Item = Table>) -> Self {
        self.tables.extend(tables);
        self
    }

    /// The consumer with a type of event that it announces: called once for each. A function without `EVENTS_TABLE` ends
    /// at its start; [`testing`](crate::testing) fails a test in which the handler announces another.
    #[must_use]
    pub fn announces<E: EventType>(mut self) -> Self {
        self.announces.push(E::TYPE);
        self
    }

    /// The consumer with another growth of its retries' delays.
    #[must_use]
    pub fn backoff(self, backoff: Backoff) -> Self {
        Self { backoff, ..self }
    }

    /// The consumer with a lease of this length on its effects, instead of the invocation's remaining time.
    #[must_use]
    pub fn lease(self, length: Duration) -> Self {
        Self { lease: Some(length), ..self }
    }

    /// The consumer with a name for what each of its effects depends on, such as `ses`: there is a circuit breaker for each
    /// name. While it is open, effects that need it are held back, and everything else goes on. Without this, all effects of a
    /// consumer go by one name.
    #[must_use]
    pub fn effects_need(self, name: impl Fn(&Fx) -> &'static str + Send + Sync + 'static) -> Self {
        Self { needs: Box::new(name), ..self }
    }

    /// The consumer with another time for which it leaves events in their queue that a newer build than this has written:
    /// those of a newer version than it reads, or of a type that it does not know. It counts from when a message was first
    /// received, and has to be longer than a deployment takes from its first function to its last. After it such a message
    /// goes to the dead-letter queue. An hour, if nothing else is said.
    #[must_use]
    pub fn newer_events_wait(self, time: Duration) -> Self {
        Self { newer_events_wait: time, ..self }
    }

    /// The consumer with another policy for effects whose outcome is unknown.
    #[must_use]
    pub fn unknown_outcome(self, policy: UnknownOutcome) -> Self {
        Self { unknown_outcome: policy, ..self }
    }
}
