//! The wire format: what every event looks like in the event store, in SNS and in SQS.

use crate::{EventId, EventType, JsonError, SchemaError, ids};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// An event as it travels. Only `eventType`, `eventId`, `timestamp` and `payload` are required; unknown
/// fields are ignored, so a newer sender may add some.
///
/// ```
/// use fanfare_event::Envelope;
///
/// let json = r#"{ "eventType": "WindowOpened", "eventId": "evt_1", "timestamp": "2024-01-15T10:30:00Z",
///                 "payload": { "window": 7 }, "addedLater": true }"#;
/// let envelope = Envelope::from_json(json)?;
///
/// assert_eq!((envelope.event_type.as_str(), envelope.schema_version), ("WindowOpened", 1));
/// assert_eq!(envelope.payload.get(), r#"{ "window": 7 }"#);
/// # Ok::<(), fanfare_event::SchemaError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// What happened, such as `OrderPlaced`: of an identifier's length and characters, since logs and errors
    /// show it.
    #[serde(deserialize_with = "ids::event_type")]
    pub event_type: String,
    /// This event's identity: the same in every copy that is ever delivered.
    pub event_id: EventId,
    /// When it happened.
    pub timestamp: Timestamp,
    /// The version of the payload's schema; 1 when absent.
    #[serde(default = "first_version")]
    pub schema_version: u32,
    /// The stream that the event was appended to, such as `order-ord_789`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Its place in that stream, counted from 1 without gaps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// What it is all about: for everything that follows from an order, the order's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// The event that this one was caused by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<EventId>,
    /// The W3C trace context of whoever caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// Whose event it is, such as a customer's id, and never personal data: queues show it. One tenant's events do not
    /// hold up those of the others. What follows from an event is its tenant's too, unless it says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The function that announced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What the event says, as JSON that is decoded only once its type is known.
    pub payload: Box<RawValue>,
}

fn first_version() -> u32 {
    1
}

impl Envelope {
    /// Reads an envelope from its JSON.
    ///
    /// # Errors
    /// [`SchemaError::Envelope`] when the text is not JSON or lacks a required field.
    pub fn from_json(json: &str) -> Result<Self, SchemaError> {
        serde_json::from_str(json)
            .map_err(|error| SchemaError::Envelope(JsonError::of::<Self>(json, &error)))
    }

    /// The envelope as JSON.
    ///
    /// # Errors
    /// None in practice: every field has a JSON form. The signature leaves the case to the caller
    /// rather than to a panic.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Wraps a payload, with its type, schema version, stream, correlation and tenant, and nothing else.
    ///
    /// # Errors
    /// When the payload has no JSON form, such as a map whose keys are not texts.
    pub fn wrap<T: EventType>(
        payload: &T,
        event_id: EventId,
        timestamp: Timestamp,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            event_type: T::TYPE.to_owned(),
            event_id,
            timestamp,
            schema_version: T::VERSION,
            stream: Some(payload.stream()),
            version: None,
            correlation_id: Some(payload.correlation_id()),
            causation_id: None,
            traceparent: None,
            tenant: payload.tenant(),
            source: None,
            payload: serde_json::value::to_raw_value(payload)?,
        })
    }

    /// Decodes the payload as a `T`, reading older schema versions where there are any.
    ///
    /// # Errors
    /// [`SchemaError`], other than `Envelope`: the type is not `T`'s, the version is newer than known, or
    /// the payload is malformed.
    pub fn decode_as<T: EventType>(&self) -> Result<T, SchemaError> {
        if self.event_type != T::TYPE {
            return Err(SchemaError::UnknownType { event_type: self.event_type.clone() });
        }
        if self.schema_version > T::VERSION {
            return Err(SchemaError::NewerVersion {
                event_type: self.event_type.clone(),
                version: self.schema_version,
                known: T::VERSION,
            });
        }
        let json = self.payload.get();
        serde_json::from_str(json).map_err(|error| SchemaError::Payload {
            event_type: self.event_type.clone(),
            source: JsonError::of::<T>(json, &error),
        })
    }
}
