//! The end of a batch: the ledger is told of failures, failed messages are sent on their way, and every record
//! has its line in the log.

use crate::attempt::Attempt;
use crate::batch::Runtime;
use crate::commit::{Committed, DYNAMODB, Stored};
use crate::handled::{End, Handled};
use crate::ledger::{Outcome, PastFailure, Record};
use crate::message::Message;
use crate::metrics::Metrics;
use crate::returns::DeadLetter;
use crate::transaction::Guard;
use crate::{Failure, backoff};
use composition::ErrorChain;
use event_schema::Payload;
use futures_util::stream::{self, StreamExt};
use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

/// Failures that are recorded at once.
const CONCURRENCY: usize = 8;

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Deals with what became of messages. Gives the ids of those that SQS is to keep.
    pub(crate) async fn finish(&self, handled: Vec<Handled>) -> Vec<String> {
        let mut metrics = Metrics::default();
        for one in &handled {
            self.note(one, &mut metrics);
        }
        self.brake_for(&handled);
        let letters = self.dead_letters(&handled).await;
        let buried = self.returns.bury(&letters).await;
        metrics.dead_lettered = buried.len() as u64;
        metrics.retried -= metrics.dead_lettered.min(metrics.retried);
        self.release(&handled, &buried).await;
        let kept = || handled.iter().filter(|one| !buried.contains(&one.message.id));
        let delays: Vec<_> =
            kept().filter_map(|one| Some((&one.message, self.delay(one)?))).collect();
        self.returns.hide(&delays).await;
        metrics.open_breakers = self.brake.open();
        if self.committer.surroundings.is_real() {
            metrics.write(self.consumer.name, self.now());
        }
        kept()
            .filter(|one| !matches!(one.end, End::Done { .. }))
            .map(|one| one.message.id.clone())
            .collect()
    }

    /// Logs and counts what became of a message, and tells the brake.
    fn note(&self, one: &Handled, metrics: &mut Metrics) {
        let now = self.now();
        let (message, attempt) = (&one.message, one.attempt.as_ref());
        match &one.end {
            End::Done { committed, acted } => {
                match acted {
                    true => self.brake.all_work(),
                    false => self.brake.works(DYNAMODB, now),
                }
                match committed {
                    Committed::Applied(_) => metrics.processed += 1,
                    Committed::Duplicate => metrics.duplicates += 1,
                }
                if let Some(attempt) = attempt {
                    metrics.event_ages.push(attempt.event_age_ms(now));
                    let micros = u32::try_from(attempt.elapsed_micros(now)).unwrap_or(u32::MAX);
                    metrics.handler_times.push(f64::from(micros) / 1e3);
                }
                self.log_success(message, attempt, committed);
            }
            End::Failed { failure, .. } => {
                metrics.retried += 1;
                self.log_failure(message, attempt, failure);
            }
            End::Untried { why, .. } => {
                metrics.held_back += 1;
                tracing::info!(
                    consumer = self.consumer.name,
                    outcome = "untried",
                    why,
                    messageId = message.id
                );
            }
        }
    }

    /// Tells the brake of dependencies that failed: once each, since one request may fail many messages.
    fn brake_for(&self, handled: &[Handled]) {
        let mut told = BTreeSet::new();
        for one in handled {
            let End::Failed { failure, .. } = &one.end else { continue };
            let Failure::Unavailable { dependency, .. } = failure else { continue };
            if !told.insert(*dependency) {
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
    /// about a message is its receive count.
    async fn dead_letters<'a>(&self, handled: &'a [Handled]) -> Vec<DeadLetter<'a>> {
        let failed = handled.iter().filter_map(|one| match &one.end {
            End::Failed { failure, guard, .. } => Some((one, failure, guard)),
            _ => None,
        });
        let letters = stream::iter(failed)
            .map(|(one, failure, guard)| async move {
                let history = match &one.attempt {
                    Some(attempt) => {
                        self.record_failure(&one.message, attempt, failure, guard).await
                    }
                    None => Vec::new(),
                };
                failure.is_permanent().then(|| DeadLetter {
                    message: &one.message,
                    error: ErrorChain(failure).to_string(),
                    history,
                    traceparent: one.attempt.as_ref().and_then(|a| a.envelope.traceparent.clone()),
                })
            })
            .buffered(CONCURRENCY)
            .filter_map(std::future::ready);
        letters.collect().await
    }

    /// Gives up the claims of messages that went to the dead-letter queue: should somebody put one back after a
    /// look, it acts.
    async fn release(&self, handled: &[Handled], buried: &HashSet<String>) {
        for one in handled.iter().filter(|one| buried.contains(&one.message.id)) {
            let End::Failed { guard: Guard::Claimed(token), .. } = &one.end else { continue };
            let Some(attempt) = &one.attempt else { continue };
            let released = match self.committer.builder().release(&attempt.ledger_id, token) {
                Ok(update) => self.committer.update(update).await,
                Err(failure) => Err(failure),
            };
            if let Err(error) = released {
                tracing::warn!(error = %ErrorChain(&error), "a claim was not given up");
            }
        }
    }

    /// Keeps a failure in the ledger, and gives all failures of the event so far.
    async fn record_failure(
        &self,
        message: &Message,
        attempt: &Attempt,
        failure: &Failure,
        guard: &Guard,
    ) -> Vec<PastFailure> {
        let last = failure.is_permanent() || message.receive_count >= self.max_receive_count;
        let outcome = if last { Outcome::DeadLettered } else { Outcome::Failed };
        let mut record = attempt.failed(outcome, failure, self.now());
        if let (Guard::Claimed(token), true) = (guard, failure.is_permanent()) {
            // The claim stays, run out, until the dead letter is sent: were it gone and the letter not sent, the
            // next attempt would act.
            record.token = Some(token.clone());
            record.lease_until = Some(self.now().as_millisecond());
        }
        match self.committer.record(&record, guard).await {
            Ok(Stored::Yes(item)) => {
                let record = serde_dynamo::from_item::<_, Record>(item);
                record.map(|record| record.failures).unwrap_or_default()
            }
            // Applied or claimed by another attempt: its record stands.
            Ok(Stored::No(_)) => Vec::new(),
            Err(error) => {
                tracing::warn!(error = %ErrorChain(&error), "the ledger was not told of a failure");
                Vec::new()
            }
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

    fn log_success(&self, message: &Message, attempt: Option<&Attempt>, committed: &Committed) {
        let (outcome, did) = match committed {
            Committed::Applied(did) => ("done", did.as_str()),
            Committed::Duplicate => ("duplicate", ""),
        };
        let envelope = attempt.map(|attempt| &attempt.envelope);
        tracing::info!(
            consumer = self.consumer.name,
            outcome,
            did,
            eventId = envelope.map(|e| e.event_id.as_str()),
            eventType = envelope.map(|e| e.event_type.as_str()),
            correlationId = envelope.and_then(|e| e.correlation_id.as_deref()),
            traceparent = envelope.and_then(|e| e.traceparent.as_deref()),
            messageId = message.id,
            receiveCount = message.receive_count,
        );
    }

    fn log_failure(&self, message: &Message, attempt: Option<&Attempt>, failure: &Failure) {
        let envelope = attempt.map(|attempt| &attempt.envelope);
        tracing::warn!(
            consumer = self.consumer.name,
            outcome = "failed",
            permanent = failure.is_permanent(),
            error = %ErrorChain(failure),
            eventId = envelope.map(|e| e.event_id.as_str()),
            eventType = envelope.map(|e| e.event_type.as_str()),
            correlationId = envelope.and_then(|e| e.correlation_id.as_deref()),
            traceparent = envelope.and_then(|e| e.traceparent.as_deref()),
            messageId = message.id,
            receiveCount = message.receive_count,
        );
    }
}
