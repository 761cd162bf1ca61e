//! Why a message is not an event that this build understands.

/// Why an envelope could not be read. None of these goes away by itself: a retry will not help until
/// the reader is deployed anew or the message is mended.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The text is not an envelope: not JSON, or a required field is missing or malformed.
    #[error("not an event envelope")]
    Envelope(#[source] JsonError),
    /// No event of this type is known.
    #[error("unknown event type {event_type:?}")]
    UnknownType {
        /// The type it said it was.
        event_type: String,
    },
    /// The event was written by a newer build than this.
    #[error("{event_type} has schema version {version}, newer than the {known} known here")]
    NewerVersion {
        /// The event's type.
        event_type: String,
        /// The version it said it had.
        version: u32,
        /// The newest version that this build reads.
        known: u32,
    },
    /// The payload is not what the event's type and version promise.
    #[error("the payload is not a {event_type}")]
    Payload {
        /// The event's type.
        event_type: String,
        /// What is wrong with it, naming the field.
        #[source]
        source: JsonError,
    },
}

/// What is wrong with a JSON text, without the text: an error's words reach logs, and values may be personal.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(String);

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        // serde quotes texts from the input; names of fields and types come in back quotes.
        Self(match (text.find('"'), text.rfind('"')) {
            (Some(first), Some(last)) if first < last => {
                let (before, after) = (text.get(..first), text.get(last + 1..));
                format!("{}(a text){}", before.unwrap_or_default(), after.unwrap_or_default())
            }
            _ => text,
        })
    }
}
