//! The envelope that every event travels in, and what an event type has to say of itself.
//!
//! This crate knows no AWS, does no I/O and reads no clock. Start with [`Envelope`], the wire format;
//! [`Event`] is the same with its payload decoded.

mod envelope;
mod error;
mod event;
mod ids;
mod redacted;

pub use envelope::Envelope;
pub use error::{JsonError, SchemaError};
pub use event::{Event, EventType, Payload};
pub use ids::{EventId, InvalidId};
pub use jiff::Timestamp;
pub use redacted::Redacted;

/// What [`id!`] expands to needs these. Not for use by hand.
#[doc(hidden)]
pub mod macro_support {
    pub use crate::ids::check;
    pub use serde::de::{Deserialize, Deserializer, Error};
    pub use serde::ser::{Serialize, Serializer};
    pub use uuid::Uuid;
}
