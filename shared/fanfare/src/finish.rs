//! The end of a batch: the ledger is told of failures, failed messages are sent on their way. None of it outlasts
//! the invocation: what hangs is given up, so that what comes after it has its time too.

use crate::attempt::Attempt;
use crate::batch::Runtime;
use crate::case::{End, Handled};
use crate::committer::{DYNAMODB, Stored};
use crate::dead_letter::DeadLetter;
use crate::guard::{Guard, applied};
use crate::ledger::{Outcome, PastFailure, Record};
use crate::message::Message;
use crate::metrics::Metrics;
use crate::time_left::{TimeLeft, within};
use crate::{Failure, backoff};
use fanfare_bootstrap::ErrorChain;
use fanfare_event::Payload;
use futures_util::stream::{self, StreamExt};
use std::collections::BTreeSet;
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
    pub(crate) async fn finish(&self, handled: Vec<Handled>, time: TimeLeft) -> Vec<String> {
        let mut metrics = Metrics::default();
        let until = time.step(self.now(), 3);
        let (handled, untold) = self.tell_the_ledger(handled, until).await;
        for one in &handled {
            self.report(one, &mut metrics);
        }
        self.tell_the_breakers(&handled, untold);
        let letters: Vec<_> = handled.iter().filter_map(dead_letter).collect();
        let buried = self.queue.send_dead_letters(&letters, time.step(self.now(), 2)).await;
        metrics.dead_lettered = buried.len() as u64;
        metrics.retried -= metrics.dead_lettered.min(metrics.retried);
        let kept = || handled.iter().filter(|one| !buried.contains(&one.message.id));
        let delays: Vec<_> =
            kept().filter_map(|one| Some((&one.message, self.delay(one)?))).collect();
        self.queue.delay(&delays, time.step(self.now(), 1)).await;
        metrics.open_breakers = self.breakers.open();
        if self.committer.host.is_real() {
            metrics.write(&self.function, self.now());
        }
        kept().filter(|one| !one.is_done()).map(|one| one.message.id.clone()).collect()
    }

    /// Tells the circuit breakers of dependencies that failed: once each, since one request may fail many messages.
    /// `untold` is why the ledger could not be told of a failure.
    fn tell_the_breakers(&self, handled: &[Handled], untold: Option<Failure>) {
        let mut told = BTreeSet::new();
        for failure in handled.iter().filter_map(Handled::failure).chain(&untold) {
            let Some(dependency) = failure.dependency() else { continue };
            if !told.insert(dependency) {
                continue;
            }
            let opened = self.breakers.failed(failure, self.now(), &self.committer.host);
            if let Some(dependency) = opened {
                let consumer = self.consumer.name;
                tracing::error!(consumer, dependency, "the circuit breaker is open");
            }
        }
    }

    /// Keeps the failures in the ledger, which also releases leases, and learns what it knows of each event's past. The
    /// ledger is told on a best-effort basis: what decides about a message is its receive count. When it was not told,
    /// gives why.
    async fn tell_the_ledger(
        &self,
        handled: Vec<Handled>,
        until: Instant,
    ) -> (Vec<Handled>, Option<Failure>) {
        let told = stream::iter(handled).map(|one| self.tell_of_one(one, until));
        let told: Vec<_> = told.buffered(CONCURRENCY).collect().await;
        let (mut handled, mut untold) = (Vec::with_capacity(told.len()), None);
        for (one, error) in told {
            handled.push(one);
            untold = error.or(untold);
        }
        (handled, untold)
    }

    async fn tell_of_one(&self, mut one: Handled, until: Instant) -> (Handled, Option<Failure>) {
        let (End::Failed { failure, guard, .. }, Some(attempt)) = (&one.end, &one.attempt) else {
            return (one, None);
        };
        let record = self.record_failure(&one.message, attempt, failure, guard);
        match within(until, record).await {
            Some(Ok(Told::Recorded(history))) => one.history = history,
            Some(Ok(Told::Ended(end))) => one.end = end,
            error => {
                let late = || Failure::unavailable(DYNAMODB, "the ledger did not answer");
                let error = error.and_then(Result::err).unwrap_or_else(late);
                tracing::warn!(error = %ErrorChain(&error), "the ledger was not told of a failure");
                self.suspend_judgement(&mut one);
                return (one, Some(error));
            }
        }
        (one, None)
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

    /// Keeps a failure in the ledger. That may know better: what it says was applied before is a repeat, whatever its
    /// handler made of it.
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
            Ok(()) => End::duplicate(),
            Err(fraud) => End::failed(fraud),
        }))
    }

    /// How long a message is to stay hidden; `None` when the queue's own visibility timeout is to hold.
    fn delay(&self, one: &Handled) -> Option<Duration> {
        match &one.end {
            End::Done { .. } => None,
            End::Untried { after, .. } => *after,
            // Nowhere else to go: it may as well use up its receive count at once.
            End::Failed { failure: Failure::Permanent { .. }, .. }
                if self.queue.dead_letter_queue_url.is_none() =>
            {
                Some(Duration::ZERO)
            }
            End::Failed { failure: Failure::Retry { after: Some(after), .. }, .. } => Some(*after),
            End::Failed { .. } => Some(self.committer.host.random(|random| {
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

/// The dead letter of a message that no retry will mend.
fn dead_letter(one: &Handled) -> Option<DeadLetter<'_>> {
    let End::Failed { failure, guard, .. } = &one.end else { return None };
    failure.is_permanent().then(|| DeadLetter {
        message: &one.message,
        error: ErrorChain(failure).to_string(),
        history: &one.history,
        traceparent: one.attempt.as_ref().and_then(|a| a.envelope.traceparent.clone()),
        claim: match guard {
            Guard::Claimed(token) => Some(token.clone()),
            _ => None,
        },
    })
}
