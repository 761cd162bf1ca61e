//! The catalogue: which events a system has, told to tools that do not compile its code.

mod error;
mod file;

pub use error::CatalogueError;

use crate::JsonError;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The version of the catalogue's own format, which this build writes and reads.
const FORMAT: u32 = 1;

/// One event type, as the catalogue tells of it.
///
/// The attribute `event` makes it from the declaration:
///
/// ```
/// #[fanfare_event::catalogue(HouseEvent)]
/// pub mod events {
///     fanfare_event::id!(RoomId, "roomId", "room", "Identifies a room.");
///
///     /// A room's temperature was measured.
///     #[event(stream = "room-{room_id}", correlation = room_id)]
///     pub struct TemperatureMeasured {
///         /// The room.
///         pub room_id: RoomId,
///         /// The temperature, in degrees Celsius.
///         pub celsius: f64,
///     }
/// }
///
/// let described = &events::HouseEvent::EVENTS[0];
/// assert_eq!(described.event_type, "TemperatureMeasured");
/// assert_eq!(described.stream, "room-{roomId}");
/// assert_eq!(described.summary, "A room's temperature was measured.");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventDescription {
    /// The `eventType` on the wire, such as `OrderPlaced`.
    #[serde(rename = "type")]
    pub event_type: Cow<'static, str>,
    /// The newest schema version, from 1.
    pub version: u32,
    /// The stream that such an event is appended to, with the payload's fields in braces: `order-{orderId}`.
    pub stream: Cow<'static, str>,
    /// The field that says what the event is about, such as `orderId`; where it is made of several, a text with
    /// the fields in braces.
    pub correlation: Cow<'static, str>,
    /// What has happened, in the words of the first paragraph of the declaration's documentation.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub summary: Cow<'static, str>,
}

/// All event types of a system, in the order of their declaration, each once.
///
/// The crate that declares events writes it to a file; a tool that knows no event reads it from there:
///
/// ```
/// use fanfare_event::Catalogue;
///
/// let json = r#"{ "fanfare": 1, "events": [
///   { "type": "TemperatureMeasured", "version": 1, "stream": "room-{roomId}", "correlation": "roomId" }
/// ] }"#;
/// let catalogue = Catalogue::from_json(json)?;
///
/// assert_eq!(catalogue.types().collect::<Vec<_>>(), ["TemperatureMeasured"]);
/// assert_eq!(catalogue.get("TemperatureMeasured").map(|event| event.version), Some(1));
/// assert_eq!(catalogue.get("WindowOpened"), None);
/// # Ok::<(), fanfare_event::CatalogueError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    events: Vec<EventDescription>,
}

/// The file's form. What a newer build added beside these fields is ignored.
#[derive(Serialize, Deserialize)]
struct Document<'a> {
    fanfare: u32,
    events: Cow<'a, [EventDescription]>,
}

impl Catalogue {
    /// A catalogue of these events.
    ///
    /// # Errors
    /// [`CatalogueError::Twice`] when two of them have the same type.
    pub fn new(events: impl Into<Vec<EventDescription>>) -> Result<Self, CatalogueError> {
        let events = events.into();
        for (n, event) in events.iter().enumerate() {
            if events.iter().take(n).any(|earlier| earlier.event_type == event.event_type) {
                return Err(CatalogueError::Twice { event_type: event.event_type.to_string() });
            }
        }
        Ok(Self { events })
    }

    /// A catalogue of what one attribute `catalogue` declared, which has seen to it that no type is there twice.
    #[doc(hidden)]
    pub fn declared(events: &[EventDescription]) -> Self {
        Self { events: events.to_vec() }
    }

    /// Reads a catalogue from its JSON.
    ///
    /// # Errors
    /// [`CatalogueError::Malformed`], which names the field; `NewerFormat`; `Twice`.
    pub fn from_json(json: &str) -> Result<Self, CatalogueError> {
        let document: Document<'_> = serde_json::from_str(json).map_err(|error| {
            CatalogueError::Malformed(JsonError::of::<Document<'_>>(json, &error))
        })?;
        match document.fanfare {
            FORMAT => Self::new(document.events.into_owned()),
            format => Err(CatalogueError::NewerFormat { format, known: FORMAT }),
        }
    }

    /// The catalogue as JSON: indented, so that a change of one event is a change of a few lines.
    ///
    /// # Errors
    /// None in practice: a catalogue has a JSON form.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let document = Document { fanfare: FORMAT, events: Cow::Borrowed(&self.events) };
        Ok(serde_json::to_string_pretty(&document)? + "\n")
    }

    /// Every event type, in the order of their declaration.
    pub fn events(&self) -> &[EventDescription] {
        &self.events
    }

    /// Every event type's name on the wire.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.events.iter().map(|event| &*event.event_type)
    }

    /// What is known of an event type; `None` when the catalogue has none of this name.
    pub fn get(&self, event_type: &str) -> Option<&EventDescription> {
        self.events.iter().find(|event| event.event_type == event_type)
    }
}
