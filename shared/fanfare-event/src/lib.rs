//! Events: how they are declared, and the envelope that they travel in.
//!
//! An event is declared once. That makes the struct, its name on the wire, its schema version, the stream that it is
//! appended to, and its entry in the catalogue that tools read:
//!
//! ```
//! use fanfare_event::{Envelope, Event, EventId, Timestamp};
//!
//! #[fanfare_event::catalogue(HouseEvent)]
//! pub mod events {
//!     fanfare_event::id!(RoomId, "roomId", "room", "Identifies a room.");
//!
//!     /// A room's temperature was measured.
//!     #[event(stream = "room-{room_id}", correlation = room_id)]
//!     pub struct TemperatureMeasured {
//!         /// The room.
//!         pub room_id: RoomId,
//!         /// The temperature, in degrees Celsius.
//!         pub celsius: f64,
//!     }
//! }
//! use events::{HouseEvent, RoomId, TemperatureMeasured};
//!
//! let measured = TemperatureMeasured { room_id: RoomId::new("attic")?, celsius: 31.5 };
//! let id = EventId::new("evt_1")?;
//! let envelope = Envelope::wrap(&measured, id, Timestamp::UNIX_EPOCH)?;
//! assert_eq!(envelope.stream.as_deref(), Some("room-attic"));
//! assert_eq!(envelope.payload.get(), r#"{"roomId":"attic","celsius":31.5}"#);
//!
//! let event = Event::<HouseEvent>::from_envelope(&envelope)?;
//! assert_eq!(event.payload, HouseEvent::TemperatureMeasured(measured));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`catalogue`](macro@catalogue) and [`event`](macro@event) tell what can be declared; [`Envelope`] is the wire format, [`Event`] the same with its
//! payload decoded, [`Catalogue`] the file that tells tools which events there are. But for that file this crate does
//! no I/O; it knows no AWS and reads no clock.

// What the attributes write names this crate as its users do.
extern crate self as fanfare_event;

mod catalogue;
mod envelope;
mod error;
mod event;
mod ids;
mod plain;
mod redacted;

pub use catalogue::{Catalogue, CatalogueError, EventDescription};
pub use envelope::Envelope;
pub use error::{JsonError, SchemaError};
pub use event::{Event, EventType, Payload};
pub use ids::{EventId, InvalidId};
/// A moment, to the nanosecond: the type of the crate `jiff`, whose version 0.2 is part of this crate's API. A
/// `jiff` 0.3 or 1.0 will be a breaking change here too, and will be published as one.
///
/// ```
/// let at: fanfare_event::Timestamp = "2024-01-15T10:30:00Z".parse()?;
/// assert_eq!(at.as_second(), 1_705_314_600);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub use jiff::Timestamp;
pub use redacted::Redacted;

/// Declares every event of a system, in one module: makes the enum of all of them, and the catalogue.
///
/// Each struct that is marked `#[event(...)]` is an event, with the options of [`event`](macro@event); what is marked
/// `#[value_object]` is a part of events, see [`value_object`](macro@value_object). Neither name needs a `use`. Everything else in the
/// module stays as it is. The enum is as public as the first event. It has a variant per event, `From` for each, and
/// implements [`Payload`], so that it is what a consumer of several types asks for. Its `TYPES` are the names on the wire, its `catalogue()` is the
/// [`Catalogue`].
///
/// ```
/// #[fanfare_event::catalogue(DoorEvent)]
/// pub mod events {
///     /// A door was opened.
///     #[event(stream = "door-{door}", correlation = door)]
///     pub struct DoorOpened {
///         /// Which door.
///         pub door: u32,
///         /// Who opened it.
///         pub by: Person,
///     }
///
///     /// A door was closed.
///     #[event(stream = "door-{door}", correlation = door)]
///     pub struct DoorClosed {
///         /// Which door.
///         pub door: u32,
///     }
///
///     /// Somebody with a badge.
///     #[value_object]
///     pub struct Person {
///         /// What the badge says.
///         pub badge: String,
///     }
/// }
/// use events::{DoorClosed, DoorEvent};
///
/// assert_eq!(DoorEvent::TYPES, ["DoorOpened", "DoorClosed"]);
/// assert_eq!(DoorEvent::from(DoorClosed { door: 7 }).subject(), "7");
/// ```
///
/// # Errors at compile time
/// What is missing or can't be is said where it stands, with what to write instead: an event without stream or
/// correlation, a field that is none, two events with one name on the wire, a struct with generics or without named
/// fields.
pub use fanfare_event_derive::catalogue;

/// Declares one event: a struct with named fields.
///
/// | option | what it says |
/// |---|---|
/// | `stream = "room-{room_id}"` | The stream that such an event is appended to, with fields in braces. Each service has streams of its own, so that services never contend for one. |
/// | `correlation = room_id` | What the event is about: a field, or a text such as `"{house}-{room}"`. |
/// | `tenant = house` | Optional: whose event it is, a field or a text as above. The relay publishes it in a message group of that name, so that one tenant's storm does not hold up the others' events. What follows from the event is its tenant's too. |
/// | `name = "RoomMeasured"` | The `eventType` on the wire, when it is not the struct's name. Never changed once published. |
/// | `version = 2` | The payload's newest schema version; 1 when absent. |
///
/// The struct gets `Debug`, `Clone`, `PartialEq`, serde's `Serialize` and `Deserialize` with fields in camelCase, as
/// far as it does not derive them itself, and [`EventType`]. Fields may have attributes of serde's, such as
/// `#[serde(default)]`. The manifest needs no `serde`.
///
/// ```
/// use fanfare_event::{EventType, event};
///
/// /// A room of a house was measured.
/// #[event(name = "RoomMeasured", version = 2, stream = "house-{house}", correlation = "{house}-{room}")]
/// pub struct Measured {
///     /// The house's number.
///     pub house: u32,
///     /// The room's number.
///     pub room: u32,
/// }
///
/// let measured = Measured { house: 4, room: 12 };
/// assert_eq!((Measured::TYPE, Measured::VERSION), ("RoomMeasured", 2));
/// assert_eq!((measured.stream().as_str(), measured.correlation_id().as_str()), ("house-4", "4-12"));
/// ```
pub use fanfare_event_derive::event;

/// Declares a part of events that has no identity of its own, such as a line of an order: a struct or an enum. It gets
/// what an event gets: `Debug`, `Clone`, `PartialEq`, and serde's traits with names in camelCase, unless it says
/// otherwise by `#[serde(rename_all = "...")]`.
///
/// ```
/// #[fanfare_event::value_object]
/// #[serde(rename_all = "kebab-case")]
/// #[derive(Copy)]
/// pub enum Cause {
///     /// Nobody came.
///     NobodyCame,
/// }
///
/// assert_eq!(serde_json::to_string(&Cause::NobodyCame)?, r#""nobody-came""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub use fanfare_event_derive::value_object;

/// What [`id!`] and the attributes expand to needs these. Not for use by hand.
#[doc(hidden)]
pub mod macro_support {
    pub use crate::ids::check;
    pub use crate::{Catalogue, Envelope, EventDescription, EventType, Payload, SchemaError};
    pub use serde::de::{Deserialize, Deserializer, Error};
    pub use serde::ser::{Serialize, Serializer};
    pub use uuid::Uuid;
    pub use {serde, serde_json};
}

/// Compiles what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
