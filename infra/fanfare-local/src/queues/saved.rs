//! Messages that outlive their runner: what the journal keeps of them, and how the next runner gets them back.

use std::time::Duration;

use rustack_sqs_model::error::SqsError;
use serde::{Deserialize, Serialize};

use super::Queues;
use super::message::Content;
use super::queue::{millis, since_1970};
use crate::error::StartError;
use crate::journal::Entry;

/// The longest delay of a message, in seconds.
const LONGEST_DELAY: u64 = 900;

/// A message in the journal: what its sender said, and until when it is delayed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SavedMessage {
    #[serde(flatten)]
    content: Content,
    /// In milliseconds since 1970.
    #[serde(default)]
    sent: u64,
    /// When it becomes visible, in seconds since 1970, if it was delayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<u64>,
}

impl SavedMessage {
    pub(super) fn sent(content: &Content, delay: Duration) -> Self {
        let due = (!delay.is_zero()).then(|| since_1970().as_secs() + delay.as_secs());
        Self { content: content.clone(), sent: millis(), due }
    }

    pub(super) fn to_json(&self) -> String {
        // Texts and numbers are always JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Queues {
    /// Puts the messages of the journal back, with their ids and receive counts; what was with a receiver is visible.
    pub(crate) fn restore(&self) -> Result<(), StartError> {
        let entries = self.journal.messages();
        for entry in entries.map_err(|error| StartError::Journal(error.to_string()))? {
            let queue = entry.queue.clone();
            if let Err(error) = self.put_back(entry) {
                tracing::error!(
                    queue,
                    reason = error.message,
                    "a saved message cannot be put back"
                );
            }
        }
        Ok(())
    }

    fn put_back(&self, entry: Entry) -> Result<(), SqsError> {
        let saved: SavedMessage = serde_json::from_str(&entry.message)
            .map_err(|error| SqsError::internal_error(error.to_string()))?;
        let queue = self.find(&entry.queue)?;
        // A clock that was set back makes nothing wait for longer than a delay can be.
        let left = saved.due.unwrap_or_default().saturating_sub(since_1970().as_secs());
        let left = left.min(LONGEST_DELAY);
        let mut message = queue.state().store(entry.id, saved.content, Duration::from_secs(left));
        message.receives = entry.receives;
        if saved.sent > 0 {
            message.sent = saved.sent;
            let age = Duration::from_millis(millis().saturating_sub(saved.sent));
            message.expires = message.expires.checked_sub(age).unwrap_or(message.expires);
        }
        queue.put(message);
        Ok(())
    }
}
