//! The embedded SQS (`rustack-sqs`), and what it lacks: long polls that lose nothing when they end
//! early, and a record of what is out with a receiver, so that a graceful stop can save every message.

mod saved;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustack_sqs_core::config::SqsConfig;
use rustack_sqs_core::provider::RustackSqs;
use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::{
    ChangeMessageVisibilityInput, CreateQueueInput, DeleteMessageInput, GetQueueAttributesInput,
    ListQueuesInput, ReceiveMessageInput, SendMessageInput,
};
use rustack_sqs_model::output::SendMessageOutput;
use rustack_sqs_model::types::Message;
use tokio::sync::watch;
use tokio::time::Instant;

use saved::SavedMessage;

use crate::journal::{Entry, Journal};
use crate::shutdown::Stop;
use crate::template::stack::Queue;

/// How long a waiting receiver goes without looking. Sends wake it at once; what only time makes
/// visible (a delay or a visibility timeout that ends, a redrive) is seen this late at the most.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The queues of one runner. Cloning is cheap and shares them.
#[derive(Debug, Clone)]
pub(crate) struct Queues {
    pub(crate) provider: Arc<RustackSqs>,
    /// What the URL of every queue begins with.
    base: Arc<str>,
    stop: Stop,
    pub(crate) journal: Journal,
    watched: Arc<Mutex<HashMap<String, Arc<Watched>>>>,
}

/// What is known about one queue beside what rustack keeps.
#[derive(Debug)]
pub(crate) struct Watched {
    sent: watch::Sender<()>,
    /// Receipt handles of messages that are out with a receiver, and when they come back.
    out: Mutex<HashMap<String, Instant>>,
    /// Messages that were sent with a delay, until it is over.
    delayed: Mutex<Vec<(Instant, SendMessageInput)>>,
    /// The queue's defaults, once asked for and until they change.
    defaults: Mutex<Option<Defaults>>,
}

/// What applies to a request that does not say otherwise, in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Defaults {
    delay: i32,
    wait: i32,
    visibility: i32,
}

impl Default for Watched {
    fn default() -> Self {
        Self {
            sent: watch::Sender::new(()),
            out: Mutex::default(),
            delayed: Mutex::default(),
            defaults: Mutex::default(),
        }
    }
}

/// A panic of another holder leaves these maps whole, since each change to them is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watched {
    fn note_out(&self, handle: String, returns: Instant) {
        let mut out = lock(&self.out);
        if out.len() >= 4096 {
            // Receivers that never delete leave handles behind that mean nothing any more.
            let now = Instant::now();
            out.retain(|_, returns| *returns > now);
        }
        out.insert(handle, returns);
    }
}

impl Queues {
    pub(crate) fn new(
        account: &str,
        region: &str,
        port: u16,
        stop: Stop,
        journal: Journal,
    ) -> Self {
        let provider = Arc::new(RustackSqs::new(SqsConfig {
            skip_signature_validation: true,
            default_region: region.to_owned(),
            account_id: account.to_owned(),
            host: "127.0.0.1".to_owned(),
            port,
        }));
        let base = format!("http://127.0.0.1:{port}/{account}").into();
        Self { provider, base, stop, journal, watched: Arc::default() }
    }

    pub(crate) async fn create(&self, queue: &Queue) -> Result<(), SqsError> {
        let attributes = queue.attributes.clone().into_iter().collect();
        let input =
            CreateQueueInput { queue_name: queue.name.clone(), attributes, tags: HashMap::new() };
        self.provider.create_queue(input).await.map(drop)
    }

    /// The queue's URL, from its ARN.
    pub(crate) fn url(&self, arn: &str) -> Result<String, SqsError> {
        self.provider.queue_url_for_arn(arn)
    }

    /// The queue's URL, from its name.
    pub(crate) fn url_of(&self, name: &str) -> String {
        format!("{}/{name}", self.base)
    }

    /// The names of all queues.
    pub(crate) async fn names(&self) -> Vec<String> {
        // Listing does not fail, and a page is longer than any stack.
        let listed = self.provider.list_queues(ListQueuesInput::default()).await;
        let urls = listed.map(|listed| listed.queue_urls).unwrap_or_default();
        urls.iter().filter_map(|url| Some(url.rsplit_once('/')?.1.to_owned())).collect()
    }

    /// Messages in the queue that are visible or out with a receiver.
    pub(crate) async fn count(&self, url: &str) -> Result<usize, SqsError> {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let attributes = self.attributes(url, &names).await?;
        Ok(attributes.values().filter_map(|count| count.parse::<usize>().ok()).sum())
    }

    pub(crate) fn watched(&self, url: &str) -> Arc<Watched> {
        let name = name(url);
        let mut watched = lock(&self.watched);
        match watched.get(name) {
            Some(known) => known.clone(),
            None => watched.entry(name.to_owned()).or_default().clone(),
        }
    }

    /// A sender is not answered before its message is in the journal.
    async fn note_sent(
        &self,
        id: String,
        url: &str,
        message: &SavedMessage,
    ) -> Result<(), SqsError> {
        let queue = name(url).to_owned();
        let entry = Entry { id, queue, message: message.to_json(), receives: 0 };
        let added = self.journal.add(entry).await;
        added.map_err(|error| SqsError::internal_error(format!("the journal: {error}")))
    }

    pub(crate) async fn send(
        &self,
        input: SendMessageInput,
    ) -> Result<SendMessageOutput, SqsError> {
        let watched = self.watched(&input.queue_url);
        let seconds = match input.delay_seconds {
            Some(seconds) => seconds,
            None => self.defaults(&watched, &input.queue_url).await?.delay,
        };
        let delay = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
        let saved = self.journal.is_kept().then(|| SavedMessage::delayed(input.clone(), delay));
        let (delayed, url) = ((seconds > 0).then(|| input.clone()), input.queue_url.clone());
        let output = self.provider.send_message(input).await?;
        if let (Some(saved), Some(id)) = (saved, &output.message_id) {
            self.note_sent(id.clone(), &url, &saved).await?;
        }
        if let Some(input) = delayed {
            let now = Instant::now();
            let mut delayed = lock(&watched.delayed);
            delayed.retain(|(due, _)| *due > now);
            delayed.push((now + delay, input));
        }
        watched.sent.send_replace(());
        Ok(output)
    }

    /// Receives with a long poll that may be given up at any time: a message that it took is either
    /// returned or known to be out.
    pub(crate) async fn receive(
        &self,
        input: ReceiveMessageInput,
    ) -> Result<Vec<Message>, SqsError> {
        let watched = self.watched(&input.queue_url);
        let wait = match input.wait_time_seconds {
            Some(seconds) => seconds,
            None => self.defaults(&watched, &input.queue_url).await?.wait,
        };
        let deadline = Instant::now() + Duration::from_secs(wait.unsigned_abs().into());
        self.receive_until(&watched, input, deadline).await
    }

    /// As [`receive`](Self::receive), until the deadline.
    pub(crate) async fn receive_until(
        &self,
        watched: &Arc<Watched>,
        input: ReceiveMessageInput,
        deadline: Instant,
    ) -> Result<Vec<Message>, SqsError> {
        let mut sent = watched.sent.subscribe();
        let mut stop = self.stop.clone();
        let visibility = match input.visibility_timeout {
            Some(seconds) => seconds,
            None => self.defaults(watched, &input.queue_url).await?.visibility,
        };
        let input = ReceiveMessageInput {
            wait_time_seconds: Some(0),
            visibility_timeout: Some(visibility),
            ..input
        };
        loop {
            sent.mark_unchanged();
            let messages = self.receive_now(watched, input.clone()).await?;
            let now = Instant::now();
            if !messages.is_empty() || now >= deadline || stop.is_requested() {
                return Ok(messages);
            }
            let next_look = deadline.min(now + LOOK_AGAIN);
            tokio::select! {
                () = stop.requested() => {}
                // The sender lives as long as `watched`.
                _ = sent.changed() => {}
                () = tokio::time::sleep_until(next_look) => {}
            }
        }
    }

    /// One look, in a task of its own: a caller that goes away cannot end it between taking a message
    /// and noting it.
    async fn receive_now(
        &self,
        watched: &Arc<Watched>,
        input: ReceiveMessageInput,
    ) -> Result<Vec<Message>, SqsError> {
        let (provider, watched) = (self.provider.clone(), watched.clone());
        let journal = self.journal.clone();
        let look = tokio::spawn(async move {
            let visibility = input.visibility_timeout.unwrap_or_default().unsigned_abs();
            let queue = name(&input.queue_url).to_owned();
            let messages = provider.receive_message(input).await?.messages;
            if journal.is_kept() && !messages.is_empty() {
                let ids = messages.iter().filter_map(|message| message.message_id.clone());
                kept(journal.received(queue, ids.collect()).await);
            }
            let returns = Instant::now() + Duration::from_secs(visibility.into());
            for handle in messages.iter().filter_map(|message| message.receipt_handle.clone()) {
                watched.note_out(handle, returns);
            }
            Ok(messages)
        });
        look.await.unwrap_or_else(|ended| Err(SqsError::internal_error(ended.to_string())))
    }

    pub(crate) async fn delete(&self, url: &str, receipt_handle: String) -> Result<(), SqsError> {
        let id = check_handle(&receipt_handle)?;
        let watched = self.watched(url);
        let returns = lock(&watched.out).remove(&receipt_handle);
        if url.ends_with(".fifo") && returns.is_some_and(|returns| returns <= Instant::now()) {
            return Err(expired(&receipt_handle));
        }
        let input = DeleteMessageInput { queue_url: url.to_owned(), receipt_handle };
        self.provider.delete_message(input).await?;
        // By the handle of a message that came back meanwhile, nothing is deleted.
        if returns.is_some_and(|returns| returns > Instant::now()) {
            kept(self.journal.remove(name(url).to_owned(), id).await);
        }
        if url.ends_with(".fifo") {
            // The next message of the group may be received now.
            watched.sent.send_replace(());
        }
        Ok(())
    }

    pub(crate) async fn change_visibility(
        &self,
        input: ChangeMessageVisibilityInput,
    ) -> Result<(), SqsError> {
        check_handle(&input.receipt_handle)?;
        let watched = self.watched(&input.queue_url);
        let handle = input.receipt_handle.clone();
        let seconds = input.visibility_timeout;
        self.provider.change_message_visibility(input).await?;
        if seconds == 0 {
            lock(&watched.out).remove(&handle);
            watched.sent.send_replace(());
        } else {
            watched.note_out(
                handle,
                Instant::now() + Duration::from_secs(seconds.unsigned_abs().into()),
            );
        }
        Ok(())
    }

    /// After a change to a queue that was not made through this type: its defaults may be others, and
    /// there may be something to receive.
    pub(crate) fn changed(&self, url: &str) {
        let watched = self.watched(url);
        *lock(&watched.defaults) = None;
        watched.sent.send_replace(());
    }

    /// After all messages of a queue were deleted at once.
    pub(crate) async fn was_emptied(&self, url: &str) -> Result<(), SqsError> {
        let purged = self.journal.purge(name(url).to_owned()).await;
        purged.map_err(|error| SqsError::internal_error(format!("the journal: {error}")))
    }

    async fn defaults(&self, watched: &Watched, url: &str) -> Result<Defaults, SqsError> {
        if let Some(known) = *lock(&watched.defaults) {
            return Ok(known);
        }
        let names = ["DelaySeconds", "ReceiveMessageWaitTimeSeconds", "VisibilityTimeout"];
        let attributes = self.attributes(url, &names).await?;
        let [delay, wait, visibility] = names.map(|name| {
            attributes.get(name).and_then(|seconds| seconds.parse().ok()).unwrap_or_default()
        });
        let defaults = Defaults { delay, wait, visibility };
        *lock(&watched.defaults) = Some(defaults);
        Ok(defaults)
    }

    pub(crate) async fn attributes(
        &self,
        url: &str,
        names: &[&str],
    ) -> Result<HashMap<String, String>, SqsError> {
        let input = GetQueueAttributesInput {
            queue_url: url.to_owned(),
            attribute_names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        Ok(self.provider.get_queue_attributes(input).await?.attributes)
    }
}

/// The name of a queue, from its URL.
fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

/// What is not in the journal comes twice after a kill of the runner; nobody can be told of it now.
fn kept(written: rusqlite::Result<()>) {
    if let Err(error) = written {
        tracing::error!(%error, "the journal of the queues cannot be written");
    }
}

/// A FIFO queue deletes nothing by the handle of a message that came back meanwhile, and says so.
fn expired(receipt_handle: &str) -> SqsError {
    SqsError::invalid_parameter_value(format!(
        "Value {receipt_handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
    ))
}

/// The id of a handle's message. rustack deletes by any handle with success. One that was never given out does not even look
/// like one of its handles, which are base64 of three parts: the id, a time and what makes it unique.
fn check_handle(receipt_handle: &str) -> Result<String, SqsError> {
    let decoded = BASE64.decode(receipt_handle).unwrap_or_default();
    let decoded = String::from_utf8(decoded).unwrap_or_default();
    match decoded.split(':').collect::<Vec<_>>()[..] {
        [id, _, _] => Ok(id.to_owned()),
        _ => Err(SqsError::receipt_handle_is_invalid()),
    }
}
