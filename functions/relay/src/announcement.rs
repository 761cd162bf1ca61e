//! From a record of the table's stream to what is announced.

use aws_lambda_events::dynamodb::EventRecord;
use event_store::{ENVELOPE, EVENT_TYPE, STREAM};
use serde_dynamo::{AttributeValue, Item};

/// An event that is to be announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Where it stands in the table's stream: what a failure is reported by.
    pub sequence_number: String,
    /// The event's own stream, within which order is kept.
    pub stream: String,
    /// What subscriptions filter by.
    pub event_type: String,
    /// The envelope as JSON, announced as it was stored.
    pub envelope: String,
}

impl Announcement {
    /// Reads a record. `None`, with a line in the log, for one that holds no event: the event store
    /// writes no such item, and waiting for it to become one would hold up every event behind it.
    pub fn from_record(record: EventRecord) -> Option<Self> {
        let sequence_number = record.change.sequence_number.unwrap_or_default();
        let image = record.change.new_image;
        let read = || {
            Some(Self {
                stream: text(&image, STREAM)?,
                event_type: text(&image, EVENT_TYPE)?,
                envelope: text(&image, ENVELOPE)?,
                sequence_number: sequence_number.clone(),
            })
        };
        let announcement = read();
        if announcement.is_none() {
            tracing::error!(sequence_number, "an item of the event table holds no event");
        }
        announcement
    }
}

fn text(image: &Item, name: &str) -> Option<String> {
    match image.get(name) {
        Some(AttributeValue::S(text)) => Some(text.clone()),
        _ => None,
    }
}
