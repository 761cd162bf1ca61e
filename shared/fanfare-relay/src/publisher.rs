//! Publishes to SNS in batches, and hears which entries were not taken.

use crate::{Announcement, Letter};
use aws_sdk_sns::error::{BoxError, BuildError};
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use fanfare_bootstrap::{ErrorChain, SdkConfig};
use fanfare_event_store::EVENT_TYPE;
use futures_util::stream::{self, StreamExt};

/// Entries in one PublishBatch at the most
/// (<https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html>).
const ENTRIES_PER_REQUEST: usize = 10;
/// Bytes in one PublishBatch at the most, its messages and their attributes together: 256 KiB, the same page.
const BYTES: usize = 256 * 1024;
/// Requests under way at once.
const CONCURRENCY: usize = 4;

/// Announces on one topic.
#[derive(Debug)]
pub struct Publisher {
    sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
    topic: String,
    dead_letter_queue_url: String,
}

impl Publisher {
    /// A publisher to the topic of this ARN. What SNS will never take goes to the queue.
    pub fn new(
        config: &SdkConfig,
        topic: impl Into<String>,
        dead_letter_queue_url: impl Into<String>,
    ) -> Self {
        Self {
            sns: aws_sdk_sns::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
            topic: topic.into(),
            dead_letter_queue_url: dead_letter_queue_url.into(),
        }
    }

    /// Publishes announcements in any order, and gives the places of those that were not taken.
    pub async fn publish(&self, due: &[(usize, &Announcement)]) -> Vec<usize> {
        let (fitting, too_large): (Vec<_>, Vec<_>) =
            due.iter().copied().partition(|(_, announcement)| size(announcement) <= BYTES);
        let mut failed = Vec::new();
        for (place, announcement) in too_large {
            let reason = format!("it has {} bytes; SNS takes {BYTES}", size(announcement));
            if !self.bury(&Letter::about(announcement, &reason)).await {
                failed.push(place);
            }
        }
        let refused = stream::iter(chunks(&fitting))
            .map(|chunk| async {
                self.publish_chunk(chunk).await.unwrap_or_else(|error| {
                    tracing::error!(error = %ErrorChain(&*error), "SNS did not take a batch");
                    chunk.iter().map(|(place, _)| *place).collect()
                })
            })
            .buffer_unordered(CONCURRENCY)
            .collect::<Vec<Vec<usize>>>()
            .await;
        failed.extend(refused.concat());
        failed
    }

    async fn publish_chunk(
        &self,
        chunk: &[(usize, &Announcement)],
    ) -> Result<Vec<usize>, BoxError> {
        let entries = chunk.iter().map(|(n, a)| entry(*n, a)).collect::<Result<Vec<_>, _>>()?;
        let request = self.sns.publish_batch().topic_arn(&self.topic);
        let answer = request.set_publish_batch_request_entries(Some(entries)).send().await?;
        let mut failed = Vec::new();
        for entry in answer.failed.unwrap_or_default() {
            let (code, message) = (entry.code, entry.message.unwrap_or_default());
            tracing::error!(code, message, "SNS did not take an event");
            // An id that can't be told makes the whole batch count as not taken.
            let place = entry.id.parse()?;
            let announcement = chunk.iter().find(|(n, _)| *n == place).map(|(_, a)| *a);
            let letter = announcement
                .filter(|_| entry.sender_fault)
                .map(|announcement| Letter::about(announcement, &format!("{code}: {message}")));
            let is_buried = match letter {
                Some(letter) => self.bury(&letter).await,
                None => false,
            };
            if !is_buried {
                failed.push(place);
            }
        }
        Ok(failed)
    }

    /// Puts a letter about an item that SNS will never take into the dead-letter queue: waiting for it would hold up
    /// every event behind it. Gives whether the queue took it.
    pub async fn bury(&self, letter: &Letter) -> bool {
        let sent = self.send(letter).await;
        if let Err(error) = &sent {
            tracing::error!(error = %ErrorChain(&**error), "a dead letter was not sent");
        }
        sent.is_ok()
    }

    async fn send(&self, letter: &Letter) -> Result<(), BoxError> {
        let reason = aws_sdk_sqs::types::MessageAttributeValue::builder()
            .data_type("String")
            .string_value(&letter.reason)
            .build()?;
        let send = self.sqs.send_message().queue_url(&self.dead_letter_queue_url);
        let send = send.message_attributes("fanfare.error", reason);
        send.message_body(serde_json::to_string(letter)?).send().await?;
        Ok(())
    }
}

/// A batch entry, whose id is the announcement's place.
fn entry(n: usize, announcement: &Announcement) -> Result<PublishBatchRequestEntry, BuildError> {
    let event_type = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(&announcement.event_type)
        .build()?;
    PublishBatchRequestEntry::builder()
        .id(n.to_string())
        .message(&announcement.envelope)
        .message_attributes(EVENT_TYPE, event_type)
        .build()
}

/// The bytes that an announcement counts in a request.
fn size(announcement: &Announcement) -> usize {
    let attribute = EVENT_TYPE.len() + "String".len() + announcement.event_type.len();
    announcement.envelope.len() + attribute
}

/// Runs of announcements that fit into one request each.
fn chunks<'a>(due: &'a [(usize, &'a Announcement)]) -> Vec<&'a [(usize, &'a Announcement)]> {
    let mut chunks = Vec::new();
    let mut start = 0;
    let mut bytes = 0;
    for (n, (_, announcement)) in due.iter().enumerate() {
        bytes += size(announcement);
        let full = n - start == ENTRIES_PER_REQUEST || bytes > BYTES;
        if full && n > start {
            chunks.extend(due.get(start..n));
            (start, bytes) = (n, size(announcement));
        }
    }
    chunks.extend(due.get(start..).filter(|rest| !rest.is_empty()));
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn announcement(bytes: usize) -> Announcement {
        Announcement {
            sequence_number: String::new(),
            key: serde_json::Value::Null,
            stream: String::new(),
            event_type: "T".to_owned(),
            envelope: "x".repeat(bytes),
        }
    }

    proptest! {
        #[test]
        fn chunks_hold_every_announcement_once_in_order_and_fit_a_request(
            sizes in prop::collection::vec(1_usize..100_000, 0..40)
        ) {
            let announcements: Vec<_> = sizes.iter().map(|n| announcement(*n)).collect();
            let due: Vec<_> = announcements.iter().enumerate().collect();
            let chunks = chunks(&due);

            let places: Vec<_> = chunks.iter().flat_map(|c| c.iter().map(|(n, _)| *n)).collect();
            prop_assert_eq!(places, (0..sizes.len()).collect::<Vec<_>>());
            for chunk in chunks {
                prop_assert!((1..=10).contains(&chunk.len()));
                let bytes: usize = chunk.iter().map(|(_, a)| a.envelope.len()).sum();
                prop_assert!(bytes <= BYTES);
            }
        }
    }
}
