//! Why a message is not an event that this build understands.

use crate::plain::plain;
use crate::redacted::redacted;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// Why an envelope could not be read, told apart by who can mend it.
///
/// ```
/// use fanfare_event::{Envelope, SchemaError};
/// use std::error::Error;
///
/// #[fanfare_event::event(stream = "window-{window}", correlation = window)]
/// struct WindowOpened {
///     window: u32,
/// }
///
/// let json = r#"{ "eventType": "WindowOpened", "eventId": "evt_1", "timestamp": "2024-01-15T10:30:00Z",
///                 "payload": { "window": "the big one" } }"#;
/// let error = Envelope::from_json(json)?.decode_as::<WindowOpened>().err().expect("a window is a number");
///
/// assert_eq!(error.to_string(), "the payload is not a WindowOpened");
/// let why = error.source().expect("it says why").to_string();
/// assert!(why.starts_with("window: invalid type: string (not shown), expected u32 (a whole number from 0)"));
/// # Ok::<(), SchemaError>(())
/// ```
///
/// None of these goes away by itself: a retry will not help until the reader is deployed anew or the message is mended.
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

/// What is wrong with a JSON text and where, without the text: an error's words reach logs, and values may be
/// personal. It names the field, what was found there and what is expected.
///
/// ```
/// use fanfare_event::{Envelope, SchemaError};
///
/// let Err(SchemaError::Envelope(error)) = Envelope::from_json(r#"{ "eventType": "WindowOpened" }"#) else {
///     panic!("it has no id");
/// };
/// assert_eq!(error.to_string(), "missing field `eventId` at line 1 column 31");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(String);

impl JsonError {
    /// What `error` is, which reading `json` as a `T` came to.
    pub(crate) fn of<T: DeserializeOwned>(json: &str, error: &serde_json::Error) -> Self {
        let words = error.to_string();
        match error.classify() {
            // The parser's own words, which quote nothing.
            Category::Syntax | Category::Eof | Category::Io => Self(words),
            // The names of fields are the program's own.
            Category::Data if ["missing", "duplicate"].iter().any(|w| words.starts_with(w)) => {
                Self(words)
            }
            Category::Data => Self(format!("{}{}", place::<T>(json), plain(&redacted(&words)))),
        }
    }
}

/// The field that can't be read as part of a `T`, found by reading anew: the usual event needs no such record.
fn place<T: DeserializeOwned>(json: &str) -> String {
    let read: Result<T, _> =
        serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(json));
    match read {
        Err(error) if error.path().iter().len() > 0 => format!("{}: ", error.path()),
        _ => String::new(),
    }
}
