//! Redelivery: a failed message comes back once its visibility timeout is over, which is made as long as its delay.

use crate::message::Message;
use crate::queue::{ENTRIES, LATE, Queue};
use crate::time_left::within;
use aws_sdk_sqs::error::BoxError;
use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry;
use fanfare_bootstrap::ErrorChain;
use std::time::Duration;
use tokio::time::Instant;

/// The longest that a message can stay hidden: 12 hours from its receipt, less what an invocation may last
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html>).
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60 - 15 * 60);

impl Queue {
    /// Delays the redelivery of messages. When SQS does not do as asked, or not until then, the queue's own
    /// visibility timeout holds.
    pub(crate) async fn delay(&self, delays: &[(&Message, Duration)], until: Instant) {
        for chunk in delays.chunks(ENTRIES) {
            let delayed = within(until, self.delay_chunk(chunk)).await;
            if let Err(error) = delayed.unwrap_or_else(|| Err(LATE.into())) {
                tracing::warn!(error = %ErrorChain(&*error), "retry delays were not set");
            }
        }
    }

    async fn delay_chunk(&self, chunk: &[(&Message, Duration)]) -> Result<(), BoxError> {
        let entry = |(n, (message, delay)): (usize, &(&Message, Duration))| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(n.to_string())
                .receipt_handle(&message.receipt_handle)
                .visibility_timeout(seconds(*delay))
                .build()
        };
        let entries = chunk.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>()?;
        let request = self.client.change_message_visibility_batch().queue_url(&self.url);
        for entry in request.set_entries(Some(entries)).send().await?.failed {
            tracing::warn!(code = entry.code, "a retry delay was not set");
        }
        Ok(())
    }
}

/// A delay in the whole seconds that SQS counts in, rounded up.
fn seconds(delay: Duration) -> i32 {
    let whole = delay.min(LONGEST).as_secs_f64().ceil();
    // At most 43,200: the cast keeps it.
    #[allow(clippy::cast_possible_truncation, reason = "bounded just above")]
    let seconds = whole as i32;
    seconds
}
