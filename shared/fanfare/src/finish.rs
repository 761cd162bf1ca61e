//! The end of a batch: the ledger is told of failures, failed messages are sent on their way. None of it outlasts
//! the invocation: what hangs is given up, so that what comes after it has its time too.

use crate::attempt::Attempt;
use crate::batch::Runtime;
use crate::commit::{Committed, DYNAMODB, Stored};
use crate::handled::{End, Handled};
use crate::ledger::{Outcome, PastFailure, Record};
use crate::message::Message;
use crate::metrics::Metrics;
use crate::refusal::{Verdict, applied};
use crate::returns::DeadLetter;
use crate::time_left::{TimeLeft, within};
use crate::transaction::Guard;
use crate::{Failure, backoff};
use fanfare_bootstrap::ErrorChain;
use fanfare_event::Payload;
use futures_util::stream::{self, StreamExt};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use tokio::time::Instant;

/// Failures that are recorded at once.
const CONCURRENCY: usize = 8;

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Deals with what became of messages. Gives the ids of those that SQS is to keep.
    pub(crate) async fn finish(&self, mut handled: Vec<Handled>, time: TimeLeft) -> Vec<String> {
        let mut metrics = Metrics::default();
        let until = time.step(self.now(), 3);
        let (histories, untold) = self.tell_the_ledger(&mut handled, until).await;
        for one in &handled {
            self.note(one, &mut metrics);
        }
        let letters = dead_letters(&handled, histories);
        self.brake_for(&handled, untold);
        let buried = self.returns.bury(&letters, time.step(self.now(), 2)).await;
        metrics.dead_lettered = buried.len() as u64;
        metrics.retried -= metrics.dead_lettered.min(metrics.retried);
        let kept = || handled.iter().filter(|one| !buried.contains(&one.message.id));
        let delays: Vec<_> =
            kept().filter_map(|one| Some((&one.message, self.delay(one)?))).collect();
        self.returns.hide(&delays, time.step(self.now(), 1)).await;
        metrics.open_breakers = self.brake.open();
        if self.committer.surroundings.is_real() {
            metrics.write(&self.function, self.now());
        }
        kept()
            .filter(|one| !matches!(one.end, End::Done { .. }))
            .map(|one| one.message.id.clone())
            .collect()
    }

    /// Tells the brake of dependencies that failed: once each, since one request may fail many messages.
    /// `untold` is why the ledger could not be told of a failure.
    fn brake_for(&self, handled: &[Handled], untold: Option<Failure>) {
        let mut told = BTreeSet::new();
        let failures = handled.iter().filter_map(|one| match &one.end {
            End::Failed { failure, .. } => Some(failure),
            _ => None,
        });
        for failure in failures.chain(&untold) {
            let Some(dependency) = failure.dependency() else { continue };
            if !told.insert(dependency) {
                continue;
            }
            let opened = self.brake.failed(failure, self.now(), &self.committer.surroundings);
            if let Some(dependency) = opened {
                tracing::error!(consumer = self.consumer.name, dependency, "the brake is on");
            }
        }
    }

    /// Keeps the failures in the ledger, which also releases leases, and gives what it knows of each event's past, by
    /// the message's place. The ledger is told on a best-effort basis: what decides about a message is its receive
    /// count. When it was not told, gives why.
    ///
    /// It may know better: what it says was applied before is a repeat, whatever its handler made of it.
    async fn tell_the_ledger(
        &self,
        handled: &mut [Handled],
        until: Instant,
    ) -> (Histories, Option<Failure>) {
        let failed = handled.iter().enumerate().filter_map(|(place, one)| match &one.end {
            End::Failed { failure, guard, .. } => {
                Some((place, &one.message, one.attempt.as_ref()?, failure, guard))
            }
            _ => None,
        });
        let told = stream::iter(failed)
            .map(|(place, message, attempt, failure, guard)| async move {
                let record = self.record_failure(message, attempt, failure, guard);
                let late = || Failure::unavailable(DYNAMODB, "the ledger did not answer");
                (place, within(until, record).await.unwrap_or_else(|| Err(late())))
            })
            .buffered(CONCURRENCY);
        let told: Vec<_> = told.collect().await;
        let (mut histories, mut untold) = (Histories::new(), None);
        for (place, told) in told {
            match told {
                Ok(Told::Recorded(history)) => drop(histories.insert(place, history)),
                Ok(Told::Ended(end)) => {
                    if let Some(one) = handled.get_mut(place) {
                        one.end = end;
                    }
                }
                Err(error) => {
                    let chain = ErrorChain(&error);
                    tracing::warn!(error = %chain, "the ledger was not told of a failure");
                    untold = Some(error);
                    if let Some(one) = handled.get_mut(place) {
                        self.suspend_judgement(one);
                    }
                }
            }
        }
        (histories, untold)
    }

    /// Makes a permanent failure one to be tried again: the ledger, which did not answer, may know that the event was
    /// applied before. On the last receive it stands, lest its reason be lost.
    fn suspend_judgement(&self, one: &mut Handled) {
        let is_last = self.is_last_receive(&one.message);
        let End::Failed { failure, .. } = &mut one.end else { return };
        if failure.is_permanent() && !is_last {
            *failure = Failure::unavailable(DYNAMODB, ErrorChain(failure).to_string());
        }
    }

    /// Keeps a failure in the ledger.
    async fn record_failure(
        &self,
        message: &Message,
        attempt: &Attempt,
        failure: &Failure,
        guard: &Guard,
    ) -> Result<Told, Failure> {
        let last = failure.is_permanent() || self.is_last_receive(message);
        let outcome = if last { Outcome::DeadLettered } else { Outcome::Failed };
        let mut record = attempt.failed(outcome, failure, self.now());
        if let (Guard::Claimed(token), true) = (guard, failure.is_permanent()) {
            // The claim stays, run out, and the dead letter names it: only who puts that one back acts again, not a
            // copy of the message, nor the message itself if its letter or its deletion is lost.
            record.token = Some(token.clone());
            record.lease_until = Some(self.now().as_millisecond());
        }
        let (item, is_recorded) = match self.committer.record(&record, guard).await? {
            Stored::Yes(item) => (item, true),
            Stored::No(item) => (item, false),
        };
        let Ok(known) = serde_dynamo::from_item::<_, Record>(item) else {
            return Ok(Told::Recorded(Vec::new()));
        };
        if is_recorded || known.outcome != Outcome::Done {
            // Not recorded: claimed by another attempt, whose record stands.
            return Ok(Told::Recorded(known.failures));
        }
        Ok(Told::Ended(match applied(&known, &attempt.digest) {
            Verdict::Failed(fraud) => End::failed(fraud),
            _ => End::Done { committed: Committed::Duplicate, acted: false },
        }))
    }

    /// How long a message is to stay hidden; `None` when the queue's own visibility timeout is to hold.
    fn delay(&self, one: &Handled) -> Option<Duration> {
        match &one.end {
            End::Done { .. } => None,
            End::Untried { after, .. } => *after,
            // Nowhere else to go: it may as well use up its receive count at once.
            End::Failed { failure: Failure::Permanent { .. }, .. }
                if self.returns.dead_letter_queue_url.is_none() =>
            {
                Some(Duration::ZERO)
            }
            End::Failed { failure: Failure::Retry { after: Some(after), .. }, .. } => Some(*after),
            End::Failed { .. } => Some(self.committer.surroundings.random(|random| {
                backoff::delay(self.consumer.backoff, one.message.receive_count, random)
            })),
        }
    }
}

/// What the ledger makes of a failure.
enum Told {
    /// It stands, with all failures of the event so far.
    Recorded(Vec<PastFailure>),
    /// The event was applied before: this is the end of its message.
    Ended(End),
}

/// Failures of events so far, by the places of their messages.
type Histories = HashMap<usize, Vec<PastFailure>>;

/// The messages that no retry will mend.
fn dead_letters<'h>(handled: &'h [Handled], mut histories: Histories) -> Vec<DeadLetter<'h>> {
    let letter = |(place, one): (usize, &'h Handled)| {
        let Handled { message, attempt, end: End::Failed { failure, guard, .. } } = one else {
            return None;
        };
        failure.is_permanent().then(|| DeadLetter {
            message,
            error: ErrorChain(failure).to_string(),
            history: histories.remove(&place).unwrap_or_default(),
            traceparent: attempt.as_ref().and_then(|a| a.envelope.traceparent.clone()),
            claim: match guard {
                Guard::Claimed(token) => Some(token.clone()),
                _ => None,
            },
        })
    };
    handled.iter().enumerate().filter_map(letter).collect()
}
