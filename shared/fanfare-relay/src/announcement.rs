//! From a record of the table's stream to what is published.

use crate::DeadLetter;
use aws_lambda_events::dynamodb::EventRecord;
use fanfare_event_store::{ENVELOPE, EVENT_TYPE, STREAM};
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

fn text(image: &Item, name: &str) -> Option<String> {
    match image.get(name) {
        Some(AttributeValue::S(text)) => Some(text.clone()),
        _ => None,
    }
}
