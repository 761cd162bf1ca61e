//! Sends failed messages back: each stays hidden for a delay of its own.

use crate::backoff;
use crate::message::Message;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry as Entry;
use composition::ErrorChain;
use std::time::Duration;

/// Entries in one ChangeMessageVisibilityBatch at the most
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html>).
const ENTRIES_PER_REQUEST: usize = 10;

/// Changes when failed messages of one queue become visible again.
pub(crate) struct Retrier {
    pub(crate) client: Client,
    pub(crate) queue_url: String,
}

impl Retrier {
    /// Hides failed messages for their delays: none for a permanent failure, which is to reach the
    /// dead-letter queue soon. When SQS does not do as asked, the queue's own visibility timeout holds.
    pub(crate) async fn send_back(&self, failed: &[(Message, bool)]) {
        let mut random = fastrand::Rng::new();
        for chunk in failed.chunks(ENTRIES_PER_REQUEST) {
            let entries = chunk.iter().enumerate().map(|(n, (message, permanent))| {
                let delay = match permanent {
                    true => Duration::ZERO,
                    false => backoff::delay(message.receive_count, &mut random),
                };
                Entry::builder()
                    .id(n.to_string())
                    .receipt_handle(&message.receipt_handle)
                    .visibility_timeout(i32::try_from(delay.as_secs()).unwrap_or(i32::MAX))
                    .build()
            });
            let entries = match entries.collect::<Result<Vec<_>, _>>() {
                Ok(entries) => entries,
                Err(error) => {
                    tracing::warn!(error = %ErrorChain(&error), "retry delays were not set");
                    continue;
                }
            };
            self.change(entries).await;
        }
    }

    async fn change(&self, entries: Vec<Entry>) {
        let request = self
            .client
            .change_message_visibility_batch()
            .queue_url(&self.queue_url)
            .set_entries(Some(entries));
        match request.send().await {
            Ok(answer) => {
                for entry in answer.failed {
                    tracing::warn!(code = entry.code, "a retry delay was not set");
                }
            }
            Err(error) => {
                tracing::warn!(error = %ErrorChain(&error), "retry delays were not set");
            }
        }
    }
}
