//! The end of a batch: the ledger is told of failures, failed messages are sent on their way. None of it outlasts
//! the invocation: what hangs is given up, so that what comes after it has its time too.

use crate::Failure;
use crate::attempt::Attempt;
use crate::backoff::{self, ByAge, after_unknown};
use crate::batch::Runtime;
use crate::case::{End, Handled};
use crate::circuit_breaker::Dependency;
use crate::committer::{DYNAMODB, Stored};
use crate::dead_letter::DeadLetter;
use crate::guard::{Guard, applied};
use crate::ledger::{Outcome, Record};
use crate::message::Message;
use crate::metrics::Metrics;
use crate::time_left::{TimeLeft, within};
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
        let given_up = handled.iter().filter(|one| one.is_given_up);
        let letters: Vec<_> = given_up.filter_map(dead_letter).collect();
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
        let failures = handled.iter().filter_map(Handled::failure_of_all).chain(&untold);
        let down: BTreeSet<_> = failures.filter_map(Failure::dependency).collect();
        for dependency in down {
            let of_all = Dependency::OfAll(dependency);
            if self.breakers.failed(of_all, self.now(), &self.committer.host) {
                let consumer = self.consumer.name;
                tracing::error!(consumer, dependency, "the circuit breaker is open");
            }
        }
    }

    /// Keeps the failures in the ledger, which also releases leases, and learns what it knows of each event's past: it is
    /// the ledger that counts a message's tries, so that nothing is given up without it. When it was not told, gives why.
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
        let (failure, guard, attempt) = match (&one.end, &one.attempt) {
            (End::Failed { failure, guard, .. }, Some(attempt)) => (failure, guard, attempt),
            (End::Failed { failure, .. }, None) => {
                one.is_given_up = failure.is_permanent();
                return (one, None);
            }
            (End::Untried { .. }, Some(attempt)) if attempt.is_marked => {
                return self.unmark(one, until).await;
            }
            (End::Done { .. } | End::Untried { .. }, _) => return (one, None),
        };
        match within(until, self.judge(&one.message, attempt, failure, guard)).await {
            Some(Ok(Told::Recorded { known, is_given_up })) => {
                one.is_given_up = is_given_up;
                if let (End::Failed { tries, .. }, Some(known)) = (&mut one.end, known) {
                    *tries = known.tries.max(*tries);
                    one.history = known.failures;
                }
            }
            Some(Ok(Told::Ended(end))) => {
                one.is_given_up = matches!(end, End::Failed { .. });
                one.end = end;
            }
            error => {
                let error = untold(error.and_then(Result::err));
                suspend_judgement(&mut one);
                return (one, Some(error));
            }
        }
        (one, None)
    }

    /// Takes back that an attempt has begun: it was not made after all.
    async fn unmark(&self, one: Handled, until: Instant) -> (Handled, Option<Failure>) {
        let ledger_id = one.attempt.as_ref().map(|attempt| attempt.ledger_id.as_str());
        let ended = self.committer.ended(ledger_id.unwrap_or_default());
        let error = match within(until, ended).await {
            Some(Ok(_)) => None,
            error => Some(untold(error.and_then(Result::err))),
        };
        (one, error)
    }

    /// Keeps a failure in the ledger, and says whether its message is given up.
    async fn judge(
        &self,
        message: &Message,
        attempt: &Attempt,
        failure: &Failure,
        guard: &Guard,
    ) -> Result<Told, Failure> {
        let is_last = failure.is_permanent() || message.is_overdue(self.now());
        let outcome = if is_last { Outcome::DeadLettered } else { Outcome::Failed };
        let told = self.record_failure(attempt, outcome, failure, guard).await?;
        let Told::Recorded { known: Some(known), .. } = told else { return Ok(told) };
        self.committer.shorten(&attempt.ledger_id, &known.failures).await?;
        // Copies of an event share its record, so that each counts the tries of all: one is given up once it has been
        // received as often as that, too.
        let tries = known.tries.min(message.receive_count);
        let is_used_up = failure.uses_up_a_try() && tries >= self.max_tries;
        if is_used_up && !is_last {
            let is_given_up = self.committer.given_up(&attempt.ledger_id).await?;
            return Ok(Told::Recorded { known: Some(known), is_given_up });
        }
        Ok(Told::Recorded { known: Some(known), is_given_up: is_last })
    }

    /// Keeps a failure in the ledger. That may know better: what it says was applied before is a repeat, whatever its
    /// handler made of it.
    async fn record_failure(
        &self,
        attempt: &Attempt,
        outcome: Outcome,
        failure: &Failure,
        guard: &Guard,
    ) -> Result<Told, Failure> {
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
            // The claim is gone, and its record with it.
            return Ok(Told::Recorded { known: None, is_given_up: failure.is_permanent() });
        };
        if is_recorded || known.outcome != Outcome::Done {
            // Not recorded: claimed by another attempt, whose record stands. This one has ended all the same.
            if attempt.is_marked && !is_recorded {
                self.committer.ended(&attempt.ledger_id).await?;
            }
            return Ok(Told::Recorded { known: Some(Box::new(known)), is_given_up: false });
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
            End::Failed { failure, tries, .. } => {
                Some(self.delay_of(failure, *tries, &one.message))
            }
        }
    }

    fn delay_of(&self, failure: &Failure, tries: u32, message: &Message) -> Duration {
        let (age, host) = (message.age(self.now()), &self.committer.host);
        match failure {
            Failure::Retry { after: Some(after), .. }
            | Failure::Busy { after: Some(after), .. } => *after,
            Failure::Busy { .. } => host.random(|random| ByAge::BUSY.delay(age, random)),
            Failure::Unavailable { .. } => {
                host.random(|random| ByAge::UNAVAILABLE.delay(age, random))
            }
            Failure::Unknown { .. } => host.random(|random| after_unknown(tries, random)),
            Failure::Retry { .. } => {
                host.random(|random| backoff::delay(self.consumer.backoff, tries, random))
            }
            // It is to be in the dead-letter queue, and is not.
            Failure::Permanent { .. } => host.random(|random| {
                backoff::delay(self.consumer.backoff, message.receive_count, random)
            }),
        }
    }
}

/// Why the ledger was not told, which is logged.
fn untold(error: Option<Failure>) -> Failure {
    let late = || Failure::unavailable(DYNAMODB, "the ledger did not answer");
    let error = error.unwrap_or_else(late);
    tracing::warn!(error = %ErrorChain(&error), "the ledger was not told of a failure");
    error
}

/// Makes a permanent failure one to be tried again: the ledger, which did not answer, may know that the event was
/// applied before, and no message is given up that the ledger knows nothing of.
fn suspend_judgement(one: &mut Handled) {
    let End::Failed { failure, .. } = &mut one.end else { return };
    if failure.is_permanent() {
        *failure = Failure::unavailable(DYNAMODB, ErrorChain(failure).to_string());
    }
}

/// What the ledger makes of a failure.
enum Told {
    /// It stands, and this is the event's record now.
    Recorded {
        known: Option<Box<Record>>,
        /// Whether its message is to go to the dead-letter queue.
        is_given_up: bool,
    },
    /// The event was applied before: this is the end of its message.
    Ended(End),
}

/// The dead letter of a message that is given up.
fn dead_letter(one: &Handled) -> Option<DeadLetter<'_>> {
    let End::Failed { failure, guard, .. } = &one.end else { return None };
    Some(DeadLetter {
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
