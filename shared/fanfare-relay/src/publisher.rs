//! Publishes to SNS in batches, and hears which entries were not taken.

use crate::requests::{BYTES, requests, size};
use crate::{Announcement, DeadLetter, Settings};
use aws_sdk_sns::error::{BoxError, BuildError};
use aws_sdk_sns::types::{BatchResultErrorEntry, MessageAttributeValue, PublishBatchRequestEntry};
use fanfare_bootstrap::ErrorChain;
use fanfare_event_store::EVENT_TYPE;
use futures_util::stream::{self, StreamExt};

/// Requests under way at once.
const CONCURRENCY: usize = 4;

/// Codes of entries that SNS will never take, whenever they are sent again: what is wrong is the message itself. All
/// other codes can pass, those included that SNS calls the sender's fault: throttling, access, keys of KMS
/// (<https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html#API_PublishBatch_Errors>).
const NEVER_TAKEN: [&str; 4] =
    ["InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid", "ValidationError"];

/// Publishes on one topic.
///
/// ```no_run
/// # async fn example() -> Result<(), fanfare_relay::SettingsError> {
/// use fanfare_bootstrap::Environment;
/// use fanfare_relay::{Publisher, Settings};
///
/// let environment = Environment::of_process();
/// let config = fanfare_bootstrap::aws_config(&environment).await?;
/// let (sns, sqs) = (aws_sdk_sns::Client::new(&config), aws_sdk_sqs::Client::new(&config));
/// let publisher = Publisher::new(sns, sqs, Settings::from_environment(&environment)?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Publisher {
    sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
    settings: Settings,
}

impl Publisher {
    /// A publisher with clients of one's own.
    pub fn new(sns: aws_sdk_sns::Client, sqs: aws_sdk_sqs::Client, settings: Settings) -> Self {
        Self { sns, sqs, settings }
    }

    /// Publishes announcements in any order, and gives those that are to be published again. What SNS will never take
    /// is not among them: it goes to the dead-letter queue.
    pub async fn publish<'a>(&self, due: &[&'a Announcement]) -> Vec<&'a Announcement> {
        let (fitting, too_large): (Vec<_>, Vec<_>) =
            due.iter().copied().partition(|announcement| size(announcement) <= BYTES);
        let mut not_taken = Vec::new();
        for announcement in too_large {
            let reason = format!("it has {} bytes; SNS takes {BYTES}", size(announcement));
            if !self.dead_letter(&DeadLetter::about(announcement, &reason)).await {
                not_taken.push(announcement);
            }
        }
        let refused = stream::iter(requests(&fitting))
            .map(|request| async {
                self.request(request).await.unwrap_or_else(|error| {
                    tracing::error!(error = %ErrorChain(&*error), "SNS did not take a batch");
                    request.to_vec()
                })
            })
            .buffer_unordered(CONCURRENCY)
            .collect::<Vec<Vec<_>>>()
            .await;
        not_taken.extend(refused.concat());
        not_taken
    }

    /// Sends one request, and gives what is to be published again: whatever the answer does not name as taken.
    async fn request<'a>(
        &self,
        request: &[&'a Announcement],
    ) -> Result<Vec<&'a Announcement>, BoxError> {
        let entries = request.iter().enumerate();
        let entries = entries.map(|(n, a)| entry(n, a)).collect::<Result<Vec<_>, _>>()?;
        let publish = self.sns.publish_batch().topic_arn(&self.settings.topic);
        let answer = publish.set_publish_batch_request_entries(Some(entries)).send().await?;
        let (taken, refused) =
            (answer.successful.unwrap_or_default(), answer.failed.unwrap_or_default());
        let mut not_taken = Vec::new();
        for (n, announcement) in request.iter().enumerate() {
            let id = n.to_string();
            let refusal = refused.iter().find(|entry| entry.id == id);
            let is_settled = match refusal {
                Some(refusal) => self.is_dead(announcement, refusal).await,
                None => taken.iter().any(|entry| entry.id.as_ref() == Some(&id)),
            };
            if !is_settled {
                not_taken.push(*announcement);
            }
        }
        Ok(not_taken)
    }

    /// Whether a refused event is a dead letter now. Any other refusal can pass.
    async fn is_dead(&self, announcement: &Announcement, refusal: &BatchResultErrorEntry) -> bool {
        let code = refusal.code.as_str();
        let message = refusal.message.as_deref().unwrap_or_default();
        tracing::error!(code, message, "SNS did not take an event");
        let letter = || DeadLetter::about(announcement, &format!("{code}: {message}"));
        NEVER_TAKEN.contains(&code) && self.dead_letter(&letter()).await
    }

    /// Sends a dead letter about an item that SNS will never take: waiting for it would hold up every event behind it.
    /// Gives whether the queue took it.
    pub async fn dead_letter(&self, letter: &DeadLetter) -> bool {
        let sent = self.send(letter).await;
        if let Err(error) = &sent {
            tracing::error!(error = %ErrorChain(&**error), "a dead letter was not sent");
        }
        sent.is_ok()
    }

    async fn send(&self, letter: &DeadLetter) -> Result<(), BoxError> {
        let reason = aws_sdk_sqs::types::MessageAttributeValue::builder()
            .data_type("String")
            .string_value(&letter.reason)
            .build()?;
        let send = self.sqs.send_message().queue_url(&self.settings.dead_letter_queue_url);
        let send = send.message_attributes("fanfare.error", reason);
        send.message_body(serde_json::to_string(letter)?).send().await?;
        Ok(())
    }
}

/// A batch entry, whose id is the announcement's place in the request.
fn entry(n: usize, announcement: &Announcement) -> Result<PublishBatchRequestEntry, BuildError> {
    let event_type = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(&announcement.event_type)
        .build()?;
    PublishBatchRequestEntry::builder()
        .id(n.to_string())
        .message(&announcement.envelope)
        .set_message_group_id(announcement.tenant())
        .message_attributes(EVENT_TYPE, event_type)
        .build()
}
