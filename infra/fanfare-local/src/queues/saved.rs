//! Messages that outlive their runner: in the journal while it runs, taken out of the queues when it stops, and put back when the
//! next one starts.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::{
    ChangeMessageVisibilityInput, DeleteMessageInput, ReceiveMessageInput, SendMessageInput,
};
use rustack_sqs_model::types::Message;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use super::{Queues, lock};
use crate::error::{StartError, StopError};
use crate::journal::Entry;

/// How long to wait for messages on their way from a queue to its dead-letter queue.
const ON_THE_WAY: Duration = Duration::from_millis(500);

impl Queues {
    /// Takes every message out of every queue, into the journal. Receiving moves what has failed too often to its dead-letter
    /// queue, which may have been emptied before, so that this goes on until a whole round finds nothing.
    pub(crate) async fn save(&self) -> Result<(), StopError> {
        if !self.journal.is_kept() {
            return Ok(());
        }
        let mut entries = Vec::new();
        for (n, (queue, message)) in self.drain().await?.into_iter().enumerate() {
            entries.push(Entry {
                id: n.to_string(),
                queue,
                message: message.to_json(),
                receives: 0,
            });
        }
        self.journal.replace(entries).await.map_err(|error| StopError::Journal(error.to_string()))
    }

    pub(crate) async fn drain(&self) -> Result<Vec<(String, SavedMessage)>, StopError> {
        let mut saved = Vec::new();
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
                // They may have been the first of what comes after them.
                left += usize::from(!messages.is_empty());
                saved.extend(messages.into_iter().map(|message| (name.clone(), message)));
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

    /// Puts the messages of the journal back. One that was received as often as its queue allows goes to the dead-letter queue,
    /// as its next receive would have sent it.
    pub(crate) async fn restore(&self) -> Result<(), StartError> {
        let failed = |error: rusqlite::Error| StartError::Journal(error.to_string());
        for Entry { id, queue, message, receives } in self.journal.messages().map_err(failed)? {
            let to = self.after(&queue, receives).await;
            let sent = match SavedMessage::from_json(&message) {
                Ok(message) => self.send(message.into_input(&self.url_of(&to))).await,
                Err(error) => Err(SqsError::internal_error(error.to_string())),
            };
            match sent {
                // It is another message in SQS's eyes.
                Ok(_) => self.journal.remove(queue, id).await.map_err(failed)?,
                Err(error) => {
                    let reason = error.message;
                    tracing::error!(queue, reason, "a saved message has no queue any more");
                }
            }
        }
        Ok(())
    }

    /// Where a message goes next that was received from a queue so often.
    async fn after(&self, queue: &str, receives: u32) -> String {
        let attributes = self.attributes(&self.url_of(queue), &["RedrivePolicy"]).await;
        let policy = attributes.ok().and_then(|mut attributes| attributes.remove("RedrivePolicy"));
        let policy: Value =
            policy.and_then(|policy| serde_json::from_str(&policy).ok()).unwrap_or_default();
        // AWS takes the number as a text too.
        let most = &policy["maxReceiveCount"];
        let most = most.as_u64().or_else(|| most.as_str()?.parse().ok());
        let target = policy["deadLetterTargetArn"].as_str().and_then(|arn| arn.rsplit(':').next());
        match (most, target) {
            (Some(most), Some(target)) if u64::from(receives) >= most => target.to_owned(),
            _ => queue.to_owned(),
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
    pub(super) body: String,
    /// When it becomes visible, in seconds since 1970, if it was delayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<u64>,
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
            due: None,
            group: message.attributes.remove("MessageGroupId"),
            deduplication: message.attributes.remove("MessageDeduplicationId"),
            attributes: serde_json::to_value(message.message_attributes).unwrap_or_default(),
        }
    }

    /// As it was sent, with what is left of its delay.
    pub(super) fn delayed(input: SendMessageInput, left: Duration) -> Self {
        Self {
            body: input.message_body,
            due: (!left.is_zero()).then(|| since_1970() + left.as_secs()),
            group: input.message_group_id,
            deduplication: input.message_deduplication_id,
            attributes: serde_json::to_value(input.message_attributes).unwrap_or_default(),
        }
    }

    pub(super) fn to_json(&self) -> String {
        // Texts and a value of JSON are always JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn from_json(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn into_input(self, url: &str) -> SendMessageInput {
        SendMessageInput {
            queue_url: url.to_owned(),
            message_body: self.body,
            // What is not delayed is visible at once, whatever the queue's own delay.
            delay_seconds: self.group.is_none().then(|| {
                let left = self.due.unwrap_or_default().saturating_sub(since_1970());
                i32::try_from(left).unwrap_or_default()
            }),
            message_group_id: self.group,
            message_deduplication_id: self.deduplication,
            message_attributes: serde_json::from_value(self.attributes).unwrap_or_default(),
            message_system_attributes: HashMap::new(),
        }
    }
}

fn since_1970() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
