//! One dead letter.

use crate::Cause;
use crate::attributes::shown;
use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use fanfare_event::{Envelope, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// What every attribute begins with that the consumers' runtime gives a dead letter.
pub(crate) const OURS: &str = "fanfare.";

/// A message of a dead-letter queue, and what is known of its failure.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    pub(crate) message_id: String,
    pub(crate) body: String,
    pub(crate) attributes: HashMap<String, MessageAttributeValue>,
    pub(crate) sent_at: Option<Timestamp>,
    /// The queue that SQS itself moved it from.
    pub(crate) moved_from: Option<String>,
    pub(crate) fifo_group: Option<String>,
    pub(crate) envelope: Option<Envelope>,
    /// Why it failed, in the words of whoever put it here, or found out since.
    pub(crate) error: Option<String>,
    cause: Cause,
}

impl DeadLetter {
    pub(crate) fn new(message: Message) -> Self {
        let system = message.attributes.unwrap_or_default();
        let of_system = |name| system.get(&name).cloned();
        let sent_at = of_system(MessageSystemAttributeName::SentTimestamp)
            .and_then(|ms| Timestamp::from_millisecond(ms.parse().ok()?).ok());
        let body = message.body.unwrap_or_default();
        let attributes = message.message_attributes.unwrap_or_default();
        let error = text_of(&attributes, "fanfare.error").map(str::to_owned);
        let moved_from = of_system(MessageSystemAttributeName::DeadLetterQueueSourceArn);
        let error = error.or_else(|| given_up_by_lambda(&body));
        Self {
            cause: cause(error.as_deref(), moved_from.is_some()),
            message_id: message.message_id.unwrap_or_default(),
            envelope: envelope(&body),
            fifo_group: of_system(MessageSystemAttributeName::MessageGroupId),
            body,
            attributes,
            sent_at,
            moved_from,
            error,
        }
    }

    /// Says why it failed, when the dead letter itself does not.
    pub(crate) fn explain(&mut self, error: String) {
        self.cause = Cause::of(&error);
        self.error = Some(error);
    }

    /// The cause of its failure.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// When it was sent; for one that SQS moved on AWS, when it was sent first.
    pub fn sent_at(&self) -> Option<Timestamp> {
        self.sent_at
    }

    /// The message's id in the dead-letter queue.
    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    /// The body, as it lies in the queue.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The event's id, if the body is an event.
    pub fn event_id(&self) -> Option<&str> {
        self.envelope.as_ref().map(|envelope| envelope.event_id.as_str())
    }

    /// The event's type, if the body is an event.
    pub fn event_type(&self) -> Option<&str> {
        self.envelope.as_ref().map(|envelope| envelope.event_type.as_str())
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        text_of(&self.attributes, name)
    }

    pub(crate) fn is_called(&self, id: &str) -> bool {
        self.message_id == id
            || self.event_id() == Some(id)
            || self.attribute("fanfare.messageId") == Some(id)
    }

    pub(crate) fn mentions(&self, text: &str) -> bool {
        self.body.contains(text) || self.error.as_deref().is_some_and(|e| e.contains(text))
    }

    /// What tells its content from another letter's: a dead letter that failed once more has the same.
    pub(crate) fn content(&self) -> [u8; 32] {
        Sha256::digest(self.body.as_bytes()).into()
    }

    /// The event as JSON, out of the notification that SNS may have wrapped it in; the body, if it is none.
    pub(crate) fn event_json(&self) -> Cow<'_, str> {
        unwrapped(&self.body)
    }

    /// All that is known of it.
    pub fn view(&self) -> DeadLetterView {
        let text = |name: &str| self.attribute(name).map(str::to_owned);
        let history = self.attribute("fanfare.history");
        let theirs = self.attributes.iter().filter(|(name, _)| !name.starts_with(OURS));
        DeadLetterView {
            message_id: self.message_id.clone(),
            original_message_id: text("fanfare.messageId"),
            sent_at: self.sent_at,
            event_id: self.event_id().map(str::to_owned),
            event_type: self.event_type().map(str::to_owned),
            correlation_id: self.envelope.as_ref().and_then(|e| e.correlation_id.clone()),
            group: self.cause.group(),
            cause: self.cause.as_str().to_owned(),
            error: self.error.clone(),
            consumer: text("fanfare.consumer"),
            attempts: self.attribute("fanfare.attempts").and_then(|n| n.parse().ok()),
            history: history.and_then(|json| serde_json::from_str(json).ok()),
            traceparent: text("fanfare.traceparent"),
            attributes: theirs.map(|(name, value)| (name.clone(), shown(value))).collect(),
            body: self.body.clone(),
        }
    }
}

/// A dead letter as it is shown and exported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterView {
    /// The message's id in the dead-letter queue.
    pub message_id: String,
    /// The message's id in the queue where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_message_id: Option<String>,
    /// When it was sent to the dead-letter queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// The event's id, if the body is an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// The event's type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// What the event is about, such as a room's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// The name of its cause's group.
    pub group: String,
    /// Its cause, without what differs from letter to letter.
    pub cause: String,
    /// Why it failed, in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The consumer that gave up on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<String>,
    /// How often that tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// Every failed attempt: when, which, why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<Value>,
    /// The trace that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The message's other attributes; binary ones in base64.
    pub attributes: BTreeMap<String, String>,
    /// The body, as it lies in the queue.
    pub body: String,
}

fn text_of<'a>(
    attributes: &'a HashMap<String, MessageAttributeValue>,
    name: &str,
) -> Option<&'a str> {
    attributes.get(name)?.string_value()
}

fn cause(error: Option<&str>, was_moved: bool) -> Cause {
    match error {
        Some(error) => Cause::of(error),
        None if was_moved => Cause::of(
            "received as often as its queue allows, without a word from the consumer: it crashed or ran out of time",
        ),
        None => {
            Cause::of("nothing is recorded: SNS could not deliver it, or somebody sent it here")
        }
    }
}

/// What Lambda says of stream records that it gave up on, in the destination of an event-source mapping
/// (<https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>).
fn given_up_by_lambda(body: &str) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct GivenUp {
        request_context: Context,
        #[serde(rename = "DDBStreamBatchInfo")]
        _records: Value,
    }
    #[derive(Deserialize)]
    struct Context {
        condition: String,
    }
    let given_up: GivenUp = serde_json::from_str(body).ok()?;
    Some(format!("Lambda gave up on records of a stream: {}", given_up.request_context.condition))
}

fn envelope(body: &str) -> Option<Envelope> {
    Envelope::from_json(&unwrapped(body)).ok()
}

/// The message inside of SNS's notification
/// (<https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html>), or the body as it is.
fn unwrapped(body: &str) -> Cow<'_, str> {
    #[derive(Deserialize)]
    struct Notification {
        #[serde(rename = "Type")]
        kind: String,
        #[serde(rename = "Message")]
        message: String,
    }
    match serde_json::from_str::<Notification>(body) {
        Ok(notification) if notification.kind == "Notification" => notification.message.into(),
        _ => body.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const EVENT: &str =
        r#"{"eventType":"T","eventId":"evt_1","timestamp":"2024-01-15T10:30:00Z","payload":{}}"#;

    fn letter(body: &str) -> DeadLetter {
        DeadLetter::new(Message::builder().message_id("m").body(body).build())
    }

    #[test]
    fn an_event_is_found_with_and_without_sns_s_wrapping() {
        let wrapped = json!({"Type": "Notification", "Message": EVENT}).to_string();
        for body in [EVENT, &wrapped] {
            assert_eq!(letter(body).event_id(), Some("evt_1"), "{body}");
            assert_eq!(letter(body).event_json(), EVENT);
        }
        assert_eq!(letter("no JSON").event_id(), None);
    }

    #[test]
    fn a_letter_without_a_reason_says_what_is_known() {
        assert!(letter(EVENT).cause().as_str().starts_with("nothing is recorded"));
        let from = (MessageSystemAttributeName::DeadLetterQueueSourceArn, "arn".to_owned());
        let moved = Message::builder().body(EVENT).attributes(from.0, from.1).build();
        assert!(DeadLetter::new(moved).cause().as_str().starts_with("received as often"));
        let lambda = json!({"requestContext": {"condition": "RetryAttemptsExhausted"},
                            "DDBStreamBatchInfo": {"shardId": "s"}});
        assert_eq!(
            letter(&lambda.to_string()).cause().as_str(),
            "Lambda gave up on records of a stream: RetryAttemptsExhausted"
        );
    }
}
