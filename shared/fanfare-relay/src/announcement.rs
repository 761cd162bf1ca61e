//! From a record of the table's stream to what is published.

use crate::DeadLetter;
use aws_lambda_events::dynamodb::EventRecord;
use fanfare_event_store::{ENVELOPE, EVENT_TYPE, STREAM};
use serde::Deserialize;
use serde_dynamo::{AttributeValue, Item};
use serde_json::Value;

/// An event that is to be published.
///
/// ```
/// use fanfare_relay::Announcement;
///
/// let record = serde_json::from_str(r#"{ "awsRegion": "eu-west-1", "eventID": "1", "eventName": "INSERT", "dynamodb": {
///   "SequenceNumber": "111", "SizeBytes": 90, "Keys": { "stream": { "S": "room-attic" }, "version": { "N": "1" } },
///   "NewImage": { "stream": { "S": "room-attic" }, "eventType": { "S": "Measured" }, "envelope": { "S": "{}" } }
/// } }"#)?;
///
/// let announcement = Announcement::from_record(record).expect("it holds an event");
/// assert_eq!((announcement.stream.as_str(), announcement.event_type.as_str()), ("room-attic", "Measured"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Where it stands in the table's stream: what a failure is reported by.
    pub sequence_number: String,
    /// The item's key.
    pub key: Value,
    /// The event's own stream, within which order is kept.
    pub stream: String,
    /// What subscriptions filter by.
    pub event_type: String,
    /// The envelope as JSON, published as it was stored.
    pub envelope: String,
}

/// The longest message group's id
/// (<https://docs.aws.amazon.com/sns/latest/api/API_PublishBatchRequestEntry.html>).
const MAX_GROUP: usize = 128;

/// What is read of an envelope besides what the table has in attributes.
#[derive(Deserialize)]
struct Owned {
    tenant: Option<String>,
}

impl Announcement {
    /// Reads a record.
    ///
    /// # Errors
    /// The dead letter about one that holds no event: the event store writes no such item, and waiting for it to
    /// become one would hold up every event behind it.
    pub fn from_record(record: EventRecord) -> Result<Self, Box<DeadLetter>> {
        let sequence_number = record.change.sequence_number.unwrap_or_default();
        let key: Value = serde_dynamo::from_item(record.change.keys).unwrap_or_default();
        let image = record.change.new_image;
        let texts = (text(&image, STREAM), text(&image, EVENT_TYPE), text(&image, ENVELOPE));
        match texts {
            (Some(stream), Some(event_type), Some(envelope)) => {
                Ok(Self { sequence_number, key, stream, event_type, envelope })
            }
            (_, event_type, _) => Err(Box::new(DeadLetter {
                key,
                event_id: None,
                event_type,
                sequence_number,
                reason: "the item holds no event".to_owned(),
            })),
        }
    }
}

impl Announcement {
    /// The event's tenant as a message group: SNS hands it to standard queues, which are fair to groups then
    /// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html>). `None` for an event
    /// without a tenant, and for a tenant that SNS would not take: fairness is no reason not to publish.
    pub fn tenant(&self) -> Option<String> {
        let Owned { tenant } = serde_json::from_str(&self.envelope).ok()?;
        tenant.filter(|tenant| {
            (1..=MAX_GROUP).contains(&tenant.len())
                && tenant.bytes().all(|byte| byte.is_ascii_graphic())
        })
    }
}

fn text(image: &Item, name: &str) -> Option<String> {
    match image.get(name) {
        Some(AttributeValue::S(text)) => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(envelope: &str) -> Option<String> {
        Announcement {
            sequence_number: "1".to_owned(),
            key: Value::Null,
            stream: "room-attic".to_owned(),
            event_type: "Measured".to_owned(),
            envelope: envelope.to_owned(),
        }
        .tenant()
    }

    #[test]
    fn a_tenant_is_a_group_unless_sns_would_not_take_it() {
        assert_eq!(tenant(r#"{"tenant": "cust_1"}"#).as_deref(), Some("cust_1"));
        let longest = "x".repeat(MAX_GROUP);
        assert_eq!(tenant(&format!(r#"{{"tenant": "{longest}"}}"#)), Some(longest.clone()));
        for nobody in
            ["{}", "", "7", r#"{"tenant": 7}"#, r#"{"tenant": ""}"#, r#"{"tenant": "a b"}"#]
        {
            assert_eq!(tenant(nobody), None, "{nobody}");
        }
        assert_eq!(tenant(&format!(r#"{{"tenant": "{longest}x"}}"#)), None);
        assert_eq!(tenant(r#"{"tenant": "ö"}"#), None);
    }
}
