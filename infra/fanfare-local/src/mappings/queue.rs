//! Polls a queue for a function.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::ReceiveMessageInput;
use rustack_sqs_model::types::Message;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Feed;
use super::queue_event::{Event, Record};
use super::report::{self, Report};
use crate::functions::Outcome;
use crate::queues::Queue;
use crate::statistics::MappingCounters;

/// Messages that one receive gives at the most.
const RECEIVE_LIMIT: usize = 10;

/// How long one look for messages lasts. It only bounds how long a queue's settings are relied upon.
const LONG_POLL: Duration = Duration::from_secs(20);

/// How long a queue that cannot be read is left alone.
const ERROR_PAUSE: Duration = Duration::from_secs(1);

/// Batches under way without a `MaximumConcurrency`, as Lambda begins with.
const DEFAULT_CONCURRENCY: u32 = 5;

/// One queue, read for one function.
pub(crate) struct Poller {
    feed: Feed,
    queue_arn: String,
    queue: Arc<Queue>,
    concurrency: usize,
}

impl Poller {
    pub(crate) fn new(
        feed: Feed,
        queue_arn: &str,
        maximum_concurrency: Option<u32>,
    ) -> Result<Self, SqsError> {
        let queue = feed.queues.by_arn(queue_arn)?;
        let concurrency = maximum_concurrency.unwrap_or(DEFAULT_CONCURRENCY);
        Ok(Self {
            queue,
            queue_arn: queue_arn.to_owned(),
            concurrency: usize::try_from(concurrency)
                .unwrap_or(usize::MAX)
                .min(Semaphore::MAX_PERMITS),
            feed,
        })
    }

    /// Polls until the runner stops; what takes much longer than that comes back after its visibility timeout.
    pub(crate) async fn run(self) {
        let poller = Arc::new(self);
        let slots = Arc::new(Semaphore::new(poller.concurrency));
        let mut stop = poller.feed.stop.clone();
        let mut batches = JoinSet::new();
        while !stop.is_requested() {
            // A slot first: a message that is received and has to wait loses its visibility timeout.
            let slot = tokio::select! {
                () = stop.requested() => break,
                Ok(slot) = slots.clone().acquire_owned() => slot,
                Some(_) = batches.join_next() => continue,
            };
            match poller.receive_batch().await {
                Ok(messages) if messages.is_empty() => {}
                Ok(messages) => {
                    let poller = poller.clone();
                    batches.spawn(async move {
                        poller.deliver(messages).await;
                        drop(slot);
                    });
                }
                Err(error) => {
                    let mapping = &poller.feed.mapping.logical_id;
                    tracing::warn!(mapping, reason = error.message, "the queue cannot be read");
                    tokio::select! {
                        () = stop.requested() => break,
                        () = tokio::time::sleep(ERROR_PAUSE) => {}
                    }
                }
            }
            while batches.try_join_next().is_some() {}
        }
        let under_way = async { while batches.join_next().await.is_some() {} };
        if poller.feed.unless_stopped(under_way).await.is_none() {
            tracing::debug!(
                mapping = poller.feed.mapping.logical_id,
                "batches are dropped; they will come again"
            );
        }
    }

    /// A batch: what is there, and what else comes within the window.
    async fn receive_batch(&self) -> Result<Vec<Message>, SqsError> {
        let size = usize::try_from(self.feed.mapping.batch_size).unwrap_or(usize::MAX);
        let mut batch = self.receive(size, Instant::now() + LONG_POLL).await?;
        if batch.is_empty() {
            return Ok(batch);
        }
        let full_at = Instant::now() + self.feed.mapping.batching_window;
        while batch.len() < size {
            let more = self.receive(size - batch.len(), full_at).await?;
            if more.is_empty() {
                break;
            }
            batch.extend(more);
        }
        Ok(batch)
    }

    async fn receive(&self, wanted: usize, until: Instant) -> Result<Vec<Message>, SqsError> {
        let input = ReceiveMessageInput {
            max_number_of_messages: i32::try_from(wanted.min(RECEIVE_LIMIT)).ok(),
            message_system_attribute_names: vec!["All".to_owned()],
            message_attribute_names: vec!["All".to_owned()],
            ..ReceiveMessageInput::default()
        };
        self.feed.queues.receive_until(&self.queue, input, until).await
    }

    async fn deliver(&self, messages: Vec<Message>) {
        let filters = &self.feed.mapping.filters;
        let (wanted, unwanted): (Vec<_>, Vec<_>) = messages.into_iter().partition(|message| {
            Record::new(message, &self.queue_arn, &self.feed.region).passes(filters)
        });
        let counters = &self.feed.counters;
        MappingCounters::add(&counters.filtered_records, unwanted.len());
        self.delete(unwanted.iter()).await;
        if wanted.is_empty() {
            return;
        }
        MappingCounters::add(&counters.batches, 1);
        MappingCounters::add(&counters.records, wanted.len());
        let failed = self.invoke(&wanted).await;
        MappingCounters::add(&counters.failed_records, failed.len());
        let succeeded = wanted.iter().enumerate().filter(|(place, _)| !failed.contains(place));
        self.delete(succeeded.map(|(_, message)| message)).await;
    }

    /// Gives the messages to the function. The places of those that it failed.
    async fn invoke(&self, messages: &[Message]) -> Vec<usize> {
        let all = || (0..messages.len()).collect();
        let records =
            messages.iter().map(|message| Record::new(message, &self.queue_arn, &self.feed.region));
        let payload = match serde_json::to_vec(&Event { records: records.collect() }) {
            Ok(payload) => Bytes::from(payload),
            Err(_) => return all(),
        };
        let mapping = &self.feed.mapping;
        let answer = match self.feed.pool.invoke(payload).await {
            Outcome::Answered(answer) => answer,
            Outcome::Failed { failure, payload } => {
                let error = String::from_utf8_lossy(&payload);
                tracing::debug!(mapping = mapping.logical_id, ?failure, %error, "a batch failed");
                return all();
            }
        };
        if !mapping.report_batch_item_failures {
            return Vec::new();
        }
        let ids: Vec<&str> =
            messages.iter().filter_map(|message| message.message_id.as_deref()).collect();
        match report::read(&answer, &ids) {
            Report::AllGood => Vec::new(),
            Report::Failed(places) => places,
            Report::Senseless => {
                let answer = String::from_utf8_lossy(&answer);
                tracing::warn!(mapping = mapping.logical_id, %answer, "an answer that fails the whole batch");
                all()
            }
        }
    }

    async fn delete(&self, messages: impl Iterator<Item = &Message>) {
        for message in messages {
            let handle = message.receipt_handle.as_deref().unwrap_or_default();
            if let Err(error) = self.feed.queues.delete(&self.queue, handle).await {
                let mapping = &self.feed.mapping.logical_id;
                tracing::warn!(
                    mapping,
                    reason = error.message,
                    "a message cannot be deleted and will come again"
                );
            }
        }
    }
}
