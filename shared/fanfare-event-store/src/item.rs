//! How an event lies in the table.

use crate::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_event::Envelope;
use std::collections::HashMap;

/// The partition key: the stream's name.
pub const STREAM: &str = "stream";
/// The attribute that holds the event's type, which the relay copies into the message's attributes.
pub const EVENT_TYPE: &str = "eventType";
/// The attribute that holds the envelope as JSON, which the relay announces as it is.
pub const ENVELOPE: &str = "envelope";

/// The largest envelope: what SNS takes in one message, 256 KiB, less the message's attributes
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>). A larger one could never be announced.
const MAX_BYTES: usize = 255 * 1024;

/// The sort key: the event's place in its stream.
pub(crate) const VERSION: &str = "version";
/// The partition key of the index by correlation.
pub(crate) const CORRELATION_ID: &str = "correlationId";
/// The sort key of the index by correlation: microseconds since 1970.
pub(crate) const RECORDED_AT: &str = "recordedAt";

/// The item of an event.
///
/// # Errors
/// [`StoreError::Malformed`] when the envelope names no stream or version; `TooLarge`.
pub(crate) fn to_item(envelope: &Envelope) -> Result<HashMap<String, AttributeValue>, StoreError> {
    let stream = envelope.stream.clone().unwrap_or_default();
    let malformed =
        |what: &str| StoreError::Malformed { stream: stream.clone(), what: what.to_owned() };
    if stream.is_empty() {
        return Err(malformed("it names no stream"));
    }
    let version = envelope.version.ok_or_else(|| malformed("it has no version"))?;
    let json = envelope.to_json().map_err(|error| malformed(&error.to_string()))?;
    if json.len() > MAX_BYTES {
        return Err(StoreError::TooLarge { stream, bytes: json.len(), limit: MAX_BYTES });
    }
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let mut item = HashMap::from([
        (STREAM.to_owned(), text(&stream)),
        (VERSION.to_owned(), AttributeValue::N(version.to_string())),
        (EVENT_TYPE.to_owned(), text(&envelope.event_type)),
        (
            RECORDED_AT.to_owned(),
            AttributeValue::N(envelope.timestamp.as_microsecond().to_string()),
        ),
        (ENVELOPE.to_owned(), AttributeValue::S(json)),
    ]);
    if let Some(correlation_id) = &envelope.correlation_id {
        item.insert(CORRELATION_ID.to_owned(), text(correlation_id));
    }
    Ok(item)
}

/// The event that an item holds, such as a record of the table's stream.
///
/// ```
/// use aws_sdk_dynamodb::types::AttributeValue;
/// use fanfare_event_store::{ENVELOPE, STREAM, StoreError, envelope};
/// use std::collections::HashMap;
///
/// let json = r#"{"eventType":"DoorOpened","eventId":"evt_1","timestamp":"2026-01-15T10:30:00Z","payload":{}}"#;
/// let text = |text: &str| AttributeValue::S(text.to_owned());
/// let item = HashMap::from([
///     (STREAM.to_owned(), text("door-1")),
///     (ENVELOPE.to_owned(), text(json)),
/// ]);
/// assert_eq!(envelope(&item)?.event_type, "DoorOpened");
/// # Ok::<(), StoreError>(())
/// ```
///
/// # Errors
/// [`StoreError::Malformed`] when the item holds none.
pub fn envelope(item: &HashMap<String, AttributeValue>) -> Result<Envelope, StoreError> {
    let text = |name| item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str);
    let malformed = |what: String| StoreError::Malformed {
        stream: text(STREAM).unwrap_or("(none)").to_owned(),
        what,
    };
    let json = text(ENVELOPE).ok_or_else(|| malformed("it has no envelope".to_owned()))?;
    Envelope::from_json(json).map_err(|error| malformed(error.to_string()))
}
