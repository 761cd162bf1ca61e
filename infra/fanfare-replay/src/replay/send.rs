//! Sending events to a queue as SNS does.

use super::page::Outgoing;
use crate::error::{ReplayError, aws};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use fanfare_operate::{Pace, Stop};
use std::time::Duration;

/// Entries in one batch request at the most
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>).
const ENTRIES: usize = 10;
/// Bytes in one request, to be on the safe side of 256 KiB, which was AWS's limit until 2025 and is some
/// emulators' still; AWS takes 1 MiB now. A bigger event goes by itself.
const BYTES: usize = 250 * 1024;
/// How often what SQS did not take is offered again, and the pause before, which doubles.
const TRIES: u32 = 6;
const PAUSE: Duration = Duration::from_millis(100);

/// Sends to one queue, not too fast.
pub(super) struct Sender {
    sqs: Client,
    queue_url: String,
    rate: Option<u32>,
    pace: Pace,
}

impl Sender {
    /// `rate` is in events a second; `None`: as fast as it goes.
    pub(super) fn new(sqs: Client, queue_url: String, rate: Option<u32>) -> Self {
        Self { sqs, queue_url, rate, pace: Pace::new(rate) }
    }

    /// Sends events, all unless a stop is asked for.
    ///
    /// # Errors
    /// [`ReplayError::Aws`] when SQS does not take one of them.
    pub(super) async fn send(
        &mut self,
        events: &[Outgoing],
        stop: &Stop,
    ) -> Result<(), ReplayError> {
        let most = self.rate.map_or(ENTRIES, |rate| ENTRIES.min(rate.max(1) as usize));
        for chunk in chunks(events, most) {
            self.pace.wait(chunk.len(), stop).await;
            if stop.is_requested() {
                return Ok(());
            }
            self.send_chunk(chunk).await?;
        }
        Ok(())
    }

    async fn send_chunk(&self, chunk: &[Outgoing]) -> Result<(), ReplayError> {
        let mut due: Vec<(usize, &Outgoing)> = chunk.iter().enumerate().collect();
        for attempt in 0..TRIES {
            let entries = due.iter().map(|(n, event)| entry(*n, event));
            let entries = entries.collect::<Result<Vec<_>, _>>().map_err(aws("sending events"))?;
            let request = self.sqs.send_message_batch().queue_url(&self.queue_url);
            let answer = request.set_entries(Some(entries)).send().await;
            let failed = answer.map_err(aws("sending events"))?.failed;
            if let Some(refused) = failed.iter().find(|entry| entry.sender_fault) {
                let said = refused.message().unwrap_or_else(|| refused.code()).to_owned();
                return Err(aws("sending an event")(said));
            }
            due.retain(|(n, _)| failed.iter().any(|entry| entry.id() == n.to_string()));
            if due.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(PAUSE * (1 << attempt)).await;
        }
        Err(aws("sending events")("SQS kept refusing some of them"))
    }
}

/// A message as SNS's raw delivery leaves it in a queue: the body is what was published, the attributes too.
fn entry(n: usize, event: &Outgoing) -> Result<SendMessageBatchRequestEntry, BuildError> {
    let event_type = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(&event.event_type)
        .build()?;
    SendMessageBatchRequestEntry::builder()
        .id(n.to_string())
        .message_body(&event.body)
        .message_attributes("eventType", event_type)
        .build()
}

/// Runs of events that fit into one request each.
fn chunks(events: &[Outgoing], most: usize) -> Vec<&[Outgoing]> {
    let size = |event: &Outgoing| event.body.len() + event.event_type.len() + 16;
    let mut chunks = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (n, event) in events.iter().enumerate() {
        if n > start && (n - start == most || bytes + size(event) > BYTES) {
            chunks.extend(events.get(start..n));
            (start, bytes) = (n, 0);
        }
        bytes += size(event);
    }
    chunks.extend(events.get(start..).filter(|rest| !rest.is_empty()));
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn chunks_hold_every_event_once_in_order_and_fit_a_request(
            sizes in prop::collection::vec(1_usize..100_000, 0..40)
        ) {
            let event = |bytes: &usize| Outgoing { event_type: "T".to_owned(), body: "x".repeat(*bytes) };
            let events: Vec<_> = sizes.iter().map(event).collect();
            let chunks = chunks(&events, ENTRIES);
            prop_assert_eq!(chunks.concat(), events.clone());
            for chunk in chunks {
                prop_assert!((1..=ENTRIES).contains(&chunk.len()));
                prop_assert!(chunk.iter().map(|event| event.body.len()).sum::<usize>() <= BYTES);
            }
        }
    }
}
