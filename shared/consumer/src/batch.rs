//! A batch: every record on its own, then one answer for all.

use crate::attempt::Attempt;
use crate::commit::{Committed, Committer};
use crate::effect::{Claim, claim};
use crate::ledger::Outcome;
use crate::message::Message;
use crate::retry::Retrier;
use crate::transaction::Guard;
use crate::{Consumer, Failure, State, Work, decode, state};
use composition::ErrorChain;
use event_schema::{Envelope, Event, Payload, Timestamp};
use futures_util::stream::{self, StreamExt};
use futures_util::{FutureExt, TryFutureExt};
use std::panic::AssertUnwindSafe;

/// Records of one batch that are handled at once: enough to hide DynamoDB's latency, few enough to bound
/// memory for batches of 10,000.
const CONCURRENCY: usize = 16;

/// Runs a consumer on batches.
pub(crate) struct Runtime<P, Fx> {
    pub(crate) consumer: Consumer<P, Fx>,
    pub(crate) committer: Committer,
    pub(crate) retrier: Retrier,
    /// The queue's `maxReceiveCount`: a message that fails that often goes to the dead-letter queue.
    pub(crate) max_receive_count: u32,
}

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Handles every message, and gives the ids of those that failed. `deadline` is when the
    /// invocation's time is over.
    pub(crate) async fn process(&self, batch: Vec<Message>, deadline: Timestamp) -> Vec<String> {
        let failed: Vec<(Message, bool)> = stream::iter(batch)
            .map(|message| async {
                let failure = self.one(&message, deadline).await.err();
                failure.map(|failure| (message, failure.is_permanent()))
            })
            .buffer_unordered(CONCURRENCY)
            .filter_map(std::future::ready)
            .collect()
            .await;
        self.retrier.send_back(&failed).await;
        failed.into_iter().map(|(message, _)| message.id).collect()
    }

    /// Handles one message and says in the log and the ledger how that went.
    async fn one(&self, message: &Message, deadline: Timestamp) -> Result<(), Failure> {
        let envelope = match decode::envelope(&message.body) {
            Ok(envelope) => envelope,
            Err(error) => {
                let failure = Failure::permanent("the message is not an event").caused_by(error);
                self.log_failure(message, None, &failure);
                return Err(failure);
            }
        };
        let attempt = Attempt::start(self.consumer.name, message, &envelope);
        match self.isolated(&envelope, &attempt, deadline).await {
            Ok(committed) => {
                self.log_success(message, &envelope, &committed);
                Ok(())
            }
            Err((failure, guard)) => {
                self.log_failure(message, Some(&envelope), &failure);
                self.record_failure(message, &attempt, &failure, &guard).await;
                Err(failure)
            }
        }
    }

    /// As [`apply`](Self::apply), with a panic made a failure of this record alone.
    async fn isolated(
        &self,
        envelope: &Envelope,
        attempt: &Attempt,
        deadline: Timestamp,
    ) -> Result<Committed, (Failure, Guard)> {
        AssertUnwindSafe(self.apply(envelope, attempt, deadline))
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| Err((panicked(&*panic), Guard::Unclaimed)))
    }

    /// Decodes, reads, decides, acts and commits. A failure comes with what guards the ledger record.
    async fn apply(
        &self,
        envelope: &Envelope,
        attempt: &Attempt,
        deadline: Timestamp,
    ) -> Result<Committed, (Failure, Guard)> {
        let unclaimed = |failure| (failure, Guard::Unclaimed);
        let (work, effect) = self.decide(envelope).await.map_err(unclaimed)?.split();
        let Some(effect) = effect else {
            let commit = self.committer.commit(work, &Guard::Unclaimed, attempt, envelope);
            return commit.map_err(unclaimed).await;
        };
        let guard = match claim(&self.committer, attempt, deadline).await.map_err(unclaimed)? {
            Claim::Ours(token) => Guard::Claimed(token),
            Claim::Applied => return Ok(Committed::Duplicate),
            Claim::Held => return Err(unclaimed(Failure::retry("another attempt is under way"))),
        };
        let acted = AssertUnwindSafe((self.consumer.perform)(effect)).catch_unwind().await;
        let done = match acted {
            Ok(Ok(())) => self.committer.commit(work, &guard, attempt, envelope).await,
            Ok(Err(failure)) => Err(failure),
            Err(panic) => Err(panicked(&*panic)),
        };
        done.map_err(|failure| (failure, guard))
    }

    async fn decide(&self, envelope: &Envelope) -> Result<Work<Fx>, Failure> {
        let event = Event::<P>::from_envelope(envelope)
            .map_err(|e| Failure::permanent("the event can't be read").caused_by(e))?;
        let wanted = (self.consumer.reads)(&event);
        let state = match wanted.is_empty() {
            true => State::default(),
            false => state::read(&self.committer.client, &self.committer.tables, wanted).await?,
        };
        (self.consumer.decide)(event, state).await
    }

    /// Keeps the failure in the ledger, which also releases the lease if there is one. The ledger is
    /// told on a best-effort basis: what decides about the message is its receive count.
    async fn record_failure(
        &self,
        message: &Message,
        attempt: &Attempt,
        failure: &Failure,
        guard: &Guard,
    ) {
        let outcome = match message.receive_count >= self.max_receive_count {
            true => Outcome::DeadLettered,
            false => Outcome::Failed,
        };
        let record = attempt.failed(outcome, ErrorChain(failure).to_string());
        if let Err(error) = self.committer.record(&record, guard).await {
            tracing::warn!(error = %ErrorChain(&error), "the ledger was not told of a failure");
        }
    }

    fn log_success(&self, message: &Message, envelope: &Envelope, committed: &Committed) {
        let (outcome, did) = match committed {
            Committed::Applied(did) => ("done", did.as_str()),
            Committed::Duplicate => ("duplicate", ""),
        };
        tracing::info!(
            consumer = self.consumer.name,
            outcome,
            did,
            eventId = envelope.event_id.as_str(),
            eventType = envelope.event_type,
            correlationId = envelope.correlation_id,
            messageId = message.id,
            receiveCount = message.receive_count,
        );
    }

    fn log_failure(&self, message: &Message, envelope: Option<&Envelope>, failure: &Failure) {
        tracing::warn!(
            consumer = self.consumer.name,
            outcome = "failed",
            permanent = failure.is_permanent(),
            error = %ErrorChain(failure),
            eventId = envelope.map(|e| e.event_id.as_str()),
            eventType = envelope.map(|e| e.event_type.as_str()),
            correlationId = envelope.and_then(|e| e.correlation_id.as_deref()),
            messageId = message.id,
            receiveCount = message.receive_count,
        );
    }
}

/// The failure that a panic is. It may be the message's fault or not, so it is worth a retry.
fn panicked(panic: &(dyn std::any::Any + Send)) -> Failure {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Failure::retry(format!("panicked: {}", text.unwrap_or("(no message)")))
}
