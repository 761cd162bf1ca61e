//! One SQS record, reduced to what the runtime needs.

use crate::time_left::between;
use aws_lambda_events::sqs::{SqsMessage, SqsMessageAttribute};
use fanfare_event::Timestamp;
use std::collections::HashMap;
use std::time::Duration;

/// A received message.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Names the record in the partial batch response.
    pub(crate) id: String,
    /// Names this receipt of the message, for changing its visibility.
    pub(crate) receipt_handle: String,
    pub(crate) body: String,
    /// What SNS or the sender said beside the body.
    pub(crate) attributes: HashMap<String, SqsMessageAttribute>,
    /// How often the message was received, this time included.
    pub(crate) receive_count: u32,
    /// When it was first received.
    pub(crate) first_received_at: Option<Timestamp>,
    /// The message group, in a FIFO queue.
    pub(crate) group: Option<String>,
    /// Whether the ledger was told that an attempt at it has begun.
    pub(crate) is_marked: bool,
}

/// How long a message may wait for what is out of order. After that it goes to the dead-letter queue, with its reason, before
/// SQS deletes it: a queue keeps its messages for 4 days, unless it says otherwise
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>).
const LONGEST_WAIT: Duration = Duration::from_secs(3 * 24 * 60 * 60);

impl Message {
    /// How long ago it was first received.
    pub(crate) fn age(&self, now: Timestamp) -> Duration {
        self.first_received_at.map_or(Duration::ZERO, |first| between(first, now))
    }

    /// Whether it has waited for so long that the next failure is its last, whatever that is.
    pub(crate) fn is_overdue(&self, now: Timestamp) -> bool {
        self.age(now) >= LONGEST_WAIT
    }

    /// An attribute's text.
    pub(crate) fn text(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute)?.string_value.as_deref()
    }
}

impl From<SqsMessage> for Message {
    fn from(record: SqsMessage) -> Self {
        let attribute = |name: &str| record.attributes.get(name).map(String::as_str);
        let receive_count =
            attribute("ApproximateReceiveCount").and_then(|n| n.parse().ok()).unwrap_or(1);
        let first_received_at = attribute("ApproximateFirstReceiveTimestamp")
            .and_then(|ms| Timestamp::from_millisecond(ms.parse().ok()?).ok());
        Self {
            receive_count,
            first_received_at,
            group: attribute("MessageGroupId").map(str::to_owned),
            is_marked: false,
            id: record.message_id.unwrap_or_default(),
            receipt_handle: record.receipt_handle.unwrap_or_default(),
            body: record.body.unwrap_or_default(),
            attributes: record.message_attributes,
        }
    }
}
