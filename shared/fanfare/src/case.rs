//! One message on its way through a batch. Whoever works on it owns it, with all that is known of it, until it has its
//! end: so no message is lost on the way, and none ends twice.

use crate::Failure;
use crate::attempt::Attempt;
use crate::guard::Guard;
use crate::ledger::PastFailure;
use crate::message::Message;
use std::time::Duration;

/// A message that holds an event, not yet at its end.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) message: Message,
    pub(crate) attempt: Attempt,
    /// Copies of the same event in the same batch. They share the end of this one.
    pub(crate) repeats: Vec<(Message, Attempt)>,
    /// How often its handler has decided from what had changed by the time of the commit.
    pub(crate) outdated: u32,
}

/// How the handling of a message ended.
#[derive(Debug)]
pub(crate) enum End {
    /// Its work is committed: now, which `did` puts into words, or before, so that it is a duplicate.
    Done { did: Option<String>, proves: Proof },
    /// It failed, and this guards its ledger record.
    Failed {
        failure: Failure,
        guard: Guard,
        /// Whether its handler asked for another try: it may wait for another event.
        waits: bool,
        /// Which of its message's tries it was, as far as that is counted; 0 if not.
        tries: u32,
        /// Whether it was an effect's, of which the circuit breakers know.
        is_of_effect: bool,
    },
    /// It was not tried, and may come back after this; `None`: when the queue says so.
    Untried { why: &'static str, after: Option<Duration> },
}

/// What a message that is done proves of the consumer's dependencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Nothing: this execution environment knew that the event was applied, and asked nobody.
    Nothing,
    /// DynamoDB works.
    DynamoDb,
}

/// A case with its end.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) case: Case,
    pub(crate) end: End,
}

/// A message with its end, whether it holds an event or not.
#[derive(Debug)]
pub(crate) struct Handled {
    pub(crate) message: Message,
    /// Absent when the message holds no event, or was not looked at.
    pub(crate) attempt: Option<Attempt>,
    pub(crate) end: End,
    /// Every failure of its event so far, as far as the ledger has told.
    pub(crate) history: Vec<PastFailure>,
    /// Whether it is to go to the dead-letter queue, which the ledger knows.
    pub(crate) is_given_up: bool,
}

impl End {
    /// A failure without a lease.
    pub(crate) fn failed(failure: Failure) -> Self {
        Self::failed_under(Guard::Unclaimed, failure)
    }

    /// A failure whose ledger record is guarded by a lease.
    pub(crate) fn failed_under(guard: Guard, failure: Failure) -> Self {
        Self::Failed { failure, guard, waits: false, tries: 0, is_of_effect: false }
    }

    /// The end of an event that the ledger says was applied before.
    pub(crate) fn duplicate() -> Self {
        Self::Done { did: None, proves: Proof::DynamoDb }
    }

    /// The end of a message whose dependency is out of order.
    pub(crate) fn held_back(after: Duration) -> Self {
        Self::Untried { why: "a dependency is out of order", after: Some(after) }
    }

    /// The same end, if it is a failure of an effect that was begun so many times.
    pub(crate) fn of_effect(mut self, begun: u32) -> Self {
        if let Self::Failed { tries, is_of_effect, .. } = &mut self {
            (*tries, *is_of_effect) = (begun, true);
        }
        self
    }

    /// The end of what the invocation leaves no time for.
    pub(crate) fn no_time() -> Self {
        Self::Untried { why: "no time is left", after: Some(Duration::ZERO) }
    }
}

impl Case {
    pub(crate) fn new(message: Message, attempt: Attempt) -> Self {
        Self { message, attempt, repeats: Vec::new(), outdated: 0 }
    }

    pub(crate) fn ends(self, end: End) -> Settled {
        Settled { case: self, end }
    }
}

impl Settled {
    /// Whether something was learnt of the event that was not known before the batch.
    pub(crate) fn is_news(&self) -> bool {
        matches!(&self.end, End::Done { proves, .. } if *proves != Proof::Nothing)
    }

    /// Whether its handler asked for another try.
    pub(crate) fn waits(&self) -> bool {
        matches!(self.end, End::Failed { waits: true, .. })
    }

    /// The message, and after it its repeats within the batch, each with the end that follows from this one.
    pub(crate) fn into_handled(self) -> impl Iterator<Item = Handled> {
        let Self { case: Case { message, attempt, repeats, .. }, end } = self;
        let (is_done, digest) = (matches!(end, End::Done { .. }), attempt.digest.clone());
        let first = Handled::new(message, Some(attempt), end);
        let repeated = move |(message, attempt): (Message, Attempt)| {
            let end = match is_done {
                true => end_of_repeat(&attempt.digest, &digest),
                false => End::Untried { why: "the same event failed in this batch", after: None },
            };
            Handled::new(message, Some(attempt), end)
        };
        std::iter::once(first).chain(repeats.into_iter().map(repeated))
    }
}

/// The end of a copy of an event that is done: a duplicate, unless it says something else.
fn end_of_repeat(digest: &str, done: &str) -> End {
    match digest == done {
        true => End::duplicate(),
        false => End::failed(Failure::permanent(format!(
            "the same event id with another content in one batch: digest {done} there, {digest} here",
        ))),
    }
}

impl Handled {
    pub(crate) fn new(message: Message, attempt: Option<Attempt>, end: End) -> Self {
        Self { message, attempt, end, history: Vec::new(), is_given_up: false }
    }

    /// The failure, if it failed.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        match &self.end {
            End::Failed { failure, .. } => Some(failure),
            End::Done { .. } | End::Untried { .. } => None,
        }
    }

    /// The failure, if it is not an effect's.
    pub(crate) fn failure_of_all(&self) -> Option<&Failure> {
        match &self.end {
            End::Failed { is_of_effect: true, .. } => None,
            _ => self.failure(),
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self.end, End::Done { .. })
    }
}
