//! SQS's queues: a core of our own, since the runner is what this project exists for, and the one that was embedded delivered
//! otherwise than AWS does.
//!
//! `queue.rs` is one queue, `backlog.rs` which of its messages comes next. This file knows all the queues, waits for messages, and
//! keeps the journal: a message is in it before its sender is answered.

mod admin;
mod backlog;
mod content;
mod deduplication;
mod message;
mod moves;
#[cfg(test)]
mod properties;
mod queue;
mod saved;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustack_sqs_model::error::{SqsError, SqsErrorCode};
use rustack_sqs_model::input::{
    ChangeMessageVisibilityInput, ReceiveMessageInput, SendMessageInput,
};
use rustack_sqs_model::output::SendMessageOutput;
use rustack_sqs_model::types::Message;
use tokio::time::Instant;

pub(crate) use content::size;
pub(crate) use queue::Queue;
pub(crate) use settings::NUMBERS;

use crate::journal::{Entry, Journal};
use crate::shutdown::Stop;
use backlog::Take;
use message::Wanted;
use moves::Moves;
use queue::{Accepted, New, millis};
use saved::SavedMessage;

/// The most messages of one receive.
const RECEIVE_LIMIT: i32 = 10;
/// The longest wait of a receive, in seconds.
const WAIT_LIMIT: i32 = 20;
/// The longest visibility timeout, in seconds: 12 hours.
const VISIBILITY_LIMIT: i32 = 43_200;

/// The queues of one runner. Cloning is cheap and shares them.
#[derive(Debug, Clone)]
pub(crate) struct Queues {
    account: Arc<str>,
    region: Arc<str>,
    /// What the URL of every queue begins with.
    base: Arc<str>,
    stop: Stop,
    journal: Journal,
    by_name: Arc<RwLock<BTreeMap<String, Arc<Queue>>>>,
    moves: Moves,
}

impl Queues {
    pub(crate) fn new(
        account: &str,
        region: &str,
        port: u16,
        stop: Stop,
        journal: Journal,
    ) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
            base: format!("http://127.0.0.1:{port}/{account}").into(),
            stop,
            journal,
            by_name: Arc::default(),
            moves: Moves::default(),
        }
    }

    /// The queue of a URL. AWS takes its name too; another account has none here.
    pub(crate) fn find(&self, url: &str) -> Result<Arc<Queue>, SqsError> {
        let mut parts = url.rsplit('/');
        let name = parts.next().unwrap_or_default();
        let account = parts.next().filter(|_| url.contains("://"));
        let is_ours = account.is_none_or(|account| account == &*self.account);
        self.named(name).filter(|_| is_ours).ok_or_else(no_such_queue)
    }

    /// The queue of an ARN.
    pub(crate) fn by_arn(&self, arn: &str) -> Result<Arc<Queue>, SqsError> {
        let named = arn.rsplit(':').next().and_then(|name| self.named(name));
        named.filter(|queue| &*queue.arn == arn).ok_or_else(no_such_queue)
    }

    /// The URL of the queue of an ARN.
    pub(crate) fn url(&self, arn: &str) -> Result<String, SqsError> {
        self.by_arn(arn).map(|queue| queue.url.clone())
    }

    fn named(&self, name: &str) -> Option<Arc<Queue>> {
        self.by_name.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// All queues, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Queue>> {
        let queues = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        queues.values().cloned().collect()
    }

    pub(crate) async fn send(
        &self,
        input: SendMessageInput,
    ) -> Result<SendMessageOutput, SqsError> {
        let queue = self.find(&input.queue_url)?;
        let new = match queue.accept(input)? {
            Accepted::Repeat(output) => return Ok(output),
            Accepted::New(new) => *new,
        };
        if let Err(error) = self.note_sent(&queue, &new).await {
            queue.withdraw(&new);
            return Err(error);
        }
        Ok(queue.enqueue(new))
    }

    async fn note_sent(&self, queue: &Queue, new: &New) -> Result<(), SqsError> {
        if !self.journal.is_kept() {
            return Ok(());
        }
        let message = SavedMessage::sent(&new.content, new.delay);
        let (id, queue) = (new.id.clone(), queue.name.clone());
        let entry = Entry { id, queue, message: message.to_json(), receives: 0 };
        self.journal.add(entry).await.map_err(|error| not_kept(&error))
    }

    /// Receives, and waits for messages as long as the request or the queue says.
    pub(crate) async fn receive(
        &self,
        input: ReceiveMessageInput,
    ) -> Result<Vec<Message>, SqsError> {
        let queue = self.find(&input.queue_url)?;
        check_range("MaxNumberOfMessages", input.max_number_of_messages, 1, RECEIVE_LIMIT)?;
        check_range("WaitTimeSeconds", input.wait_time_seconds, 0, WAIT_LIMIT)?;
        check_range("VisibilityTimeout", input.visibility_timeout, 0, VISIBILITY_LIMIT)?;
        let wait = match input.wait_time_seconds {
            Some(seconds) => self::seconds(seconds),
            None => queue.state().settings.seconds("ReceiveMessageWaitTimeSeconds"),
        };
        self.receive_until(&queue, input, Instant::now() + wait).await
    }

    /// As [`receive`](Self::receive), until the deadline. It may be given up at any time: what it has taken by then comes
    /// back after its visibility timeout, as what AWS sent to a receiver that is gone.
    pub(crate) async fn receive_until(
        &self,
        queue: &Queue,
        input: ReceiveMessageInput,
        deadline: Instant,
    ) -> Result<Vec<Message>, SqsError> {
        let mut changed = queue.changed.subscribe();
        let mut stop = self.stop.clone();
        let wanted = Wanted {
            system_attributes: [input.attribute_names, input.message_system_attribute_names]
                .concat(),
            attributes: input.message_attribute_names,
        };
        let most = usize::try_from(input.max_number_of_messages.unwrap_or(1)).unwrap_or(1);
        loop {
            changed.mark_unchanged();
            let messages = self.take(queue, most, input.visibility_timeout, &wanted).await?;
            let now = Instant::now();
            if !messages.is_empty() || now >= deadline || stop.is_requested() {
                return Ok(messages);
            }
            let next = queue.state().backlog.next_change();
            let next_look = next.map_or(deadline, |next| next.min(deadline));
            tokio::select! {
                () = stop.requested() => {}
                // The sender lives as long as the queue.
                _ = changed.changed() => {}
                () = tokio::time::sleep_until(next_look) => {}
            }
        }
    }

    /// Takes what there is now, and sends what was received too often to the dead-letter queue.
    async fn take(
        &self,
        queue: &Queue,
        most: usize,
        visibility: Option<i32>,
        wanted: &Wanted,
    ) -> Result<Vec<Message>, SqsError> {
        let (taken, target) = {
            let mut state = queue.state();
            if state.is_deleted {
                return Err(no_such_queue());
            }
            let visibility = match visibility {
                Some(seconds) => self::seconds(seconds),
                None => state.settings.seconds("VisibilityTimeout"),
            };
            let redrive = state.settings.redrive.clone();
            // Without a queue to go to, a message stays where it is.
            let target = redrive.as_ref().and_then(|redrive| self.by_arn(&redrive.target_arn).ok());
            let max_receives =
                redrive.filter(|_| target.is_some()).map(|redrive| redrive.max_receives);
            let take = Take { most, visibility, max_receives, wanted, at: millis() };
            (state.backlog.take(Instant::now(), &take), target)
        };
        if let Some(target) = target.filter(|_| !taken.dead.is_empty()) {
            let ids = taken.dead.iter().map(|message| message.id.clone()).collect();
            for mut message in taken.dead {
                message.source_arn = Some(queue.arn.clone());
                target.put(message);
            }
            kept(self.journal.moved(target.name.clone(), ids).await);
        }
        if self.journal.is_kept() && !taken.received.is_empty() {
            let ids = taken.received.iter().filter_map(|message| message.message_id.clone());
            kept(self.journal.received(ids.collect()).await);
        }
        Ok(taken.received)
    }

    pub(crate) async fn delete(&self, queue: &Queue, receipt_handle: &str) -> Result<(), SqsError> {
        let deleted = queue.state().backlog.delete(receipt_handle, Instant::now())?;
        let Some(id) = deleted else { return Ok(()) };
        if queue.name.ends_with(".fifo") {
            // The next message of the group may be received now.
            queue.changed.send_replace(());
        }
        kept(self.journal.remove(id).await);
        Ok(())
    }

    pub(crate) fn change_visibility(
        &self,
        input: &ChangeMessageVisibilityInput,
    ) -> Result<(), SqsError> {
        let queue = self.find(&input.queue_url)?;
        check_range("VisibilityTimeout", Some(input.visibility_timeout), 0, VISIBILITY_LIMIT)?;
        let visibility = seconds(input.visibility_timeout);
        let mut state = queue.state();
        state.backlog.change_visibility(&input.receipt_handle, visibility, Instant::now())?;
        drop(state);
        // Whoever waits looks again when this is over, or at once.
        queue.changed.send_replace(());
        Ok(())
    }
}

fn seconds(seconds: i32) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

/// Checks a number of a request as AWS does.
fn check_range(name: &str, value: Option<i32>, least: i32, most: i32) -> Result<(), SqsError> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            Err(SqsError::invalid_parameter_value(format!(
                "Value {value} for parameter {name} is invalid. Reason: Must be >= {least} and <= {most}, if provided."
            )))
        }
        _ => Ok(()),
    }
}

fn no_such_queue() -> SqsError {
    SqsError::new(SqsErrorCode::NonExistentQueue, "The specified queue does not exist.")
}

fn not_kept(error: &rusqlite::Error) -> SqsError {
    SqsError::internal_error(format!("the journal: {error}"))
}

/// What is not in the journal comes twice after a kill of the runner; nobody can be told of it now.
fn kept(written: rusqlite::Result<()>) {
    if let Err(error) = written {
        tracing::error!(%error, "the journal of the queues cannot be written");
    }
}
