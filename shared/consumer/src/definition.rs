//! What a consumer is: a name, a handler, and what the handler needs.

use crate::{Backoff, Failure, Key, NoEffect, State, Table, Work};
use event_schema::{Event, Payload};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::future::Future;
use std::time::Duration;

type Reads<P> = Box<dyn Fn(&Event<P>) -> Vec<(Table, Key)> + Send + Sync>;
type Decide<P, Fx> =
    Box<dyn Fn(Event<P>, State) -> BoxFuture<'static, Result<Work<Fx>, Failure>> + Send + Sync>;
type Turn<P> = Box<dyn Fn(&Event<P>) -> String + Send + Sync>;
type Perform<Fx> = Box<dyn Fn(Fx) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// A consumer of events of type `P`, whose effects outside DynamoDB are of type `Fx`.
pub struct Consumer<P, Fx = NoEffect> {
    pub(crate) name: &'static str,
    pub(crate) reads: Reads<P>,
    pub(crate) decide: Decide<P, Fx>,
    pub(crate) perform: Perform<Fx>,
    pub(crate) turn: Option<Turn<P>>,
    pub(crate) backoff: Backoff,
    pub(crate) lease: Option<Duration>,
    pub(crate) unknown_outcome: UnknownOutcome,
}

/// What to do with an event whose effect may or may not have happened: its attempt died, or did not end
/// in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownOutcome {
    /// Perform it again once the lease is over: for effects that the receiver recognises as repeated, or
    /// that do no harm twice.
    #[default]
    Retry,
    /// Send the message to the dead-letter queue, for somebody to look.
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
            decide: Box::new(move |event, _| handler(event).boxed()),
            perform: Box::new(|never| match never {}),
            turn: None,
            backoff: Backoff::default(),
            lease: None,
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
            decide: Box::new(move |event, state| handler(event, state).boxed()),
            ..Self::new(name, |_| async { Ok(Work::did("")) })
        }
    }
}

impl<P: Payload + Send + 'static, Fx: Send + 'static> Consumer<P, Fx> {
    /// A consumer whose handler needs to know items of its tables, which `reads` names, and asks for
    /// effects, which `perform` does. An effect may be performed twice when its outcome was lost, so
    /// `perform` should pass a key that makes the receiver ignore the second, where the receiver can.
    pub fn with_effects<R, H, F, A, G>(name: &'static str, reads: R, handler: H, perform: A) -> Self
    where
        R: Fn(&Event<P>) -> Vec<(Table, Key)> + Send + Sync + 'static,
        H: Fn(Event<P>, State) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Work<Fx>, Failure>> + Send + 'static,
        A: Fn(Fx) -> G + Send + Sync + 'static,
        G: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        Self {
            name,
            reads: Box::new(reads),
            decide: Box::new(move |event, state| handler(event, state).boxed()),
            perform: Box::new(move |effect| perform(effect).boxed()),
            turn: None,
            backoff: Backoff::default(),
            lease: None,
            unknown_outcome: UnknownOutcome::default(),
        }
    }
}

impl<P, Fx> Consumer<P, Fx> {
    /// The consumer with its events handled one after another where they are about the same thing, such as an
    /// order, which `key` names. For handlers that [recall](State::recall) what happened before: those of
    /// one batch then need not be decided twice.
    #[must_use]
    pub fn in_turn(self, key: impl Fn(&Event<P>) -> String + Send + Sync + 'static) -> Self {
        Self { turn: Some(Box::new(key)), ..self }
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

    /// The consumer with another policy for effects whose outcome is unknown.
    #[must_use]
    pub fn unknown_outcome(self, policy: UnknownOutcome) -> Self {
        Self { unknown_outcome: policy, ..self }
    }
}
