//! What the relay says, in its dead-letter queue, of an item that it can't publish.

use crate::Announcement;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most of an error that is kept, in characters.
const REASON_LENGTH: usize = 1_000;

/// A pointer to the item, as JSON: the item itself stays in the event store, and may be larger than what a queue
/// takes.
///
/// ```
/// use fanfare_relay::{Announcement, DeadLetter};
///
/// let announcement = Announcement {
///     sequence_number: "111".to_owned(),
///     key: serde_json::json!({ "stream": "room-attic", "version": 1 }),
///     stream: "room-attic".to_owned(),
///     event_type: "Measured".to_owned(),
///     envelope: r#"{ "eventId": "evt_1" }"#.to_owned(),
/// };
/// let letter = DeadLetter::about(&announcement, "it has 300000 bytes; SNS takes 262144");
///
/// assert_eq!(letter.event_id.as_deref(), Some("evt_1"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// The item's key in the event table: its stream and version.
    pub key: Value,
    /// The event's id, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// The event's type, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// Where the item stands in the table's stream.
    pub sequence_number: String,
    /// Why it can't be published.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identified {
    event_id: String,
}

impl DeadLetter {
    /// The dead letter about an event. Of the reason 1,000 characters are kept.
    pub fn about(announcement: &Announcement, reason: &str) -> Self {
        let id = serde_json::from_str(&announcement.envelope).ok();
        Self {
            key: announcement.key.clone(),
            event_id: id.map(|Identified { event_id }| event_id),
            event_type: Some(announcement.event_type.clone()).filter(|text| !text.is_empty()),
            sequence_number: announcement.sequence_number.clone(),
            reason: reason.chars().take(REASON_LENGTH).collect(),
        }
    }
}
