//! The end of a batch: the ledger is told of failures, failed messages are sent on their way. None of it outlasts
//! the invocation: what hangs is given up, so that what comes after it has its time too.

use crate::attempt::Attempt;
use crate::batch::Runtime;
use crate::commit::{DYNAMODB, Stored};
use crate::handled::{End, Handled};
use crate::ledger::{Outcome, PastFailure, Record};
use crate::message::Message;
use crate::metrics::Metrics;
use crate::returns::DeadLetter;
use crate::time_left::{TimeLeft, within};
use crate::transaction::Guard;
use crate::{Failure, backoff};
use composition::ErrorChain;
use event_schema::Payload;
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
        for one in &handled {
            self.note(one, &mut metrics);
        }
        let (letters, untold) = self.dead_letters(&handled, time.step(self.now(), 3)).await;
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

    /// Keeps the failures in the ledger, which also releases leases, and gives those that no retry will mend,
    /// with what the ledger knows of their past. The ledger is told on a best-effort basis: what decides
    /// about a message is its receive count. When it was not told, gives why.
    async fn dead_letters<'a>(
        &self,
        handled: &'a [Handled],
        until: Instant,
    ) -> (Vec<DeadLetter<'a>>, Option<Failure>) {
        let failed = handled.iter().filter_map(|one| match &one.end {
            End::Failed { failure, guard, .. } => Some((one, failure, guard)),
            _ => None,
        });
        let recorded = stream::iter(failed)
            .map(|(one, failure, guard)| async move {
                let history = match &one.attempt {
                    Some(attempt) => {
                        let record = self.record_failure(&one.message, attempt, failure, guard);
                        let late = || Failure::unavailable(DYNAMODB, "the ledger did not answer");
                        within(until, record).await.unwrap_or_else(|| Err(late()))
                    }
                    None => Ok(Vec::new()),
                };
                (one, failure, guard, history)
            })
            .buffered(CONCURRENCY);
        let (mut letters, mut untold) = (Vec::new(), None);
        for (one, failure, guard, history) in recorded.collect::<Vec<_>>().await {
            let history = history.unwrap_or_else(|error| {
                tracing::warn!(error = %ErrorChain(&error), "the ledger was not told of a failure");
                untold = Some(error);
                Vec::new()
            });
            if failure.is_permanent() {
                letters.push(DeadLetter {
                    message: &one.message,
                    error: ErrorChain(failure).to_string(),
                    history,
                    traceparent: one.attempt.as_ref().and_then(|a| a.envelope.traceparent.clone()),
                    claim: match guard {
                        Guard::Claimed(token) => Some(token.clone()),
                        _ => None,
                    },
                });
            }
        }
        (letters, untold)
    }

    /// Keeps a failure in the ledger, and gives all failures of the event so far.
    async fn record_failure(
        &self,
        message: &Message,
        attempt: &Attempt,
        failure: &Failure,
        guard: &Guard,
    ) -> Result<Vec<PastFailure>, Failure> {
        let last = failure.is_permanent() || self.is_last_receive(message);
        let outcome = if last { Outcome::DeadLettered } else { Outcome::Failed };
        let mut record = attempt.failed(outcome, failure, self.now());
        if let (Guard::Claimed(token), true) = (guard, failure.is_permanent()) {
            // The claim stays, run out, and the dead letter names it: only who puts that one back acts again, not a
            // copy of the message, nor the message itself if its letter or its deletion is lost.
            record.token = Some(token.clone());
            record.lease_until = Some(self.now().as_millisecond());
        }
        match self.committer.record(&record, guard).await? {
            Stored::Yes(item) => {
                let record = serde_dynamo::from_item::<_, Record>(item);
                Ok(record.map(|record| record.failures).unwrap_or_default())
            }
            // Applied or claimed by another attempt: its record stands.
            Stored::No(_) => Ok(Vec::new()),
        }
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
