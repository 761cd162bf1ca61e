//! The queue that a consumer is fed from, and what it is asked for. What becomes of failed messages there is in
//! `redelivery.rs` and `dead_letter.rs`.

use aws_sdk_sqs::Client;

/// Entries in one batch request at the most
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>).
pub(crate) const ENTRIES: usize = 10;
/// Why a request was given up.
pub(crate) const LATE: &str = "SQS did not answer in time";

/// A queue with its dead-letter queue.
pub(crate) struct Queue {
    pub(crate) client: Client,
    pub(crate) consumer: &'static str,
    pub(crate) url: String,
    /// Absent: a message that can't be handled stays in its queue until its receive count is used up.
    pub(crate) dead_letter_queue_url: Option<String>,
}

impl Queue {
    /// Whether the queue keeps the order of its groups.
    pub(crate) fn is_fifo(&self) -> bool {
        self.url.ends_with(".fifo")
    }
}
