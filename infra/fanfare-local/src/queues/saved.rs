//! Messages that outlive their queue: taken out when the runner stops, put back when the next one starts.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::{
    ChangeMessageVisibilityInput, DeleteMessageInput, ReceiveMessageInput, SendMessageInput,
};
use rustack_sqs_model::types::Message;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{Queues, lock};
use crate::error::StopError;

/// How long to wait for messages on their way from a queue to its dead-letter queue.
const ON_THE_WAY: Duration = Duration::from_millis(500);

impl Queues {
    /// Takes every message out of every queue. Receiving moves what has failed too often to its dead-letter
    /// queue, which may have been emptied before, so that this goes on until a whole round finds nothing.
    pub(crate) async fn drain(&self) -> Result<BTreeMap<String, Vec<SavedMessage>>, StopError> {
        let mut saved: BTreeMap<String, Vec<SavedMessage>> = BTreeMap::new();
        let deadline = Instant::now() + ON_THE_WAY;
        loop {
            let mut left = 0;
            for name in self.names().await {
                let url = self.url_of(&name);
                let failed = |error: SqsError| StopError::NotDrained {
                    queue: name.clone(),
                    reason: error.message,
                };
                let messages = self.drain_queue(&url).await.map_err(failed)?;
                left += self.count(&url).await.map_err(failed)?;
                if !messages.is_empty() {
                    // They may have been the first of what comes after them.
                    left += 1;
                    saved.entry(name.clone()).or_default().extend(messages);
                }
            }
            if left == 0 {
                return Ok(saved);
            }
            if Instant::now() > deadline {
                tracing::error!(left, "messages stay in their queues and are not saved");
                return Ok(saved);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Puts drained messages back.
    pub(crate) async fn restore(&self, saved: BTreeMap<String, Vec<SavedMessage>>) {
        for (queue, messages) in saved {
            let url = self.url_of(&queue);
            for message in messages {
                if let Err(error) = self.send(message.into_input(&url)).await {
                    tracing::error!(
                        queue,
                        reason = error.message,
                        "a saved message has no queue any more"
                    );
                }
            }
        }
    }

    /// Takes every message out of the queue, those that are with a receiver or delayed too.
    async fn drain_queue(&self, url: &str) -> Result<Vec<SavedMessage>, SqsError> {
        let watched = self.watched(url);
        let out: Vec<String> = lock(&watched.out).drain().map(|(handle, _)| handle).collect();
        for handle in out {
            let input = ChangeMessageVisibilityInput {
                queue_url: url.to_owned(),
                receipt_handle: handle,
                visibility_timeout: 0,
            };
            // A message that came back by itself is not out any more, which is as well.
            drop(self.provider.change_message_visibility(input).await);
        }
        let mut saved: Vec<SavedMessage> = Vec::new();
        loop {
            let input = ReceiveMessageInput {
                queue_url: url.to_owned(),
                max_number_of_messages: Some(10),
                visibility_timeout: Some(600),
                wait_time_seconds: Some(0),
                message_system_attribute_names: vec!["All".to_owned()],
                message_attribute_names: vec!["All".to_owned()],
                ..ReceiveMessageInput::default()
            };
            let messages = self.provider.receive_message(input).await?.messages;
            if messages.is_empty() {
                break;
            }
            for message in messages {
                let receipt_handle = message.receipt_handle.clone().unwrap_or_default();
                let input = DeleteMessageInput { queue_url: url.to_owned(), receipt_handle };
                self.provider.delete_message(input).await?;
                saved.push(SavedMessage::visible(message));
            }
        }
        let now = Instant::now();
        let delayed = std::mem::take(&mut *lock(&watched.delayed));
        let delayed = delayed.into_iter().filter(|(due, _)| *due > now);
        saved.extend(delayed.map(|(due, input)| SavedMessage::delayed(input, due - now)));
        Ok(saved)
    }
}

/// A message, for as long as there is no runner to keep it. What it has been through is not kept: it
/// begins anew with its receive count and with its id.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedMessage {
    body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delay_seconds: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deduplication: Option<String>,
    /// In SQS's own JSON.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    attributes: serde_json::Value,
}

impl SavedMessage {
    fn visible(mut message: Message) -> Self {
        Self {
            body: message.body.unwrap_or_default(),
            delay_seconds: None,
            group: message.attributes.remove("MessageGroupId"),
            deduplication: message.attributes.remove("MessageDeduplicationId"),
            attributes: serde_json::to_value(message.message_attributes).unwrap_or_default(),
        }
    }

    fn delayed(input: SendMessageInput, left: Duration) -> Self {
        Self {
            body: input.message_body,
            delay_seconds: i32::try_from(left.as_secs()).ok(),
            group: input.message_group_id,
            deduplication: input.message_deduplication_id,
            attributes: serde_json::to_value(input.message_attributes).unwrap_or_default(),
        }
    }

    fn into_input(self, url: &str) -> SendMessageInput {
        SendMessageInput {
            queue_url: url.to_owned(),
            message_body: self.body,
            // What is not delayed is visible at once, whatever the queue's own delay.
            delay_seconds: self.group.is_none().then(|| self.delay_seconds.unwrap_or_default()),
            message_group_id: self.group,
            message_deduplication_id: self.deduplication,
            message_attributes: serde_json::from_value(self.attributes).unwrap_or_default(),
            message_system_attributes: HashMap::new(),
        }
    }
}
