//! An event whose payload is decoded, as handlers see it.

use crate::{Envelope, EventId, SchemaError};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

/// One kind of event: the payload's type, and what the platform must know of it. The attribute
/// [`event`](macro@crate::event) implements it; by hand it is:
///
/// ```
/// use fanfare_event::EventType;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct WindowOpened {
///     window: u32,
/// }
///
/// impl EventType for WindowOpened {
///     const TYPE: &'static str = "WindowOpened";
///     const VERSION: u32 = 1;
///     fn stream(&self) -> String {
///         format!("window-{}", self.window)
///     }
///     fn correlation_id(&self) -> String {
///         self.window.to_string()
///     }
/// }
/// assert_eq!(WindowOpened { window: 7 }.stream(), "window-7");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "not declared as an event",
    note = "declare it: #[fanfare::event(stream = \"room-{{room}}\", correlation = room)]"
)]
pub trait EventType: Serialize + DeserializeOwned {
    /// The `eventType` on the wire. Never changed once published.
    const TYPE: &'static str;
    /// The newest schema version, which is the one written. A build reads this and all older ones.
    const VERSION: u32;
    /// The stream that such an event is appended to. Each service has streams of its own, so that
    /// services never contend for one.
    fn stream(&self) -> String;
    /// What the event is about; see [`Envelope::correlation_id`].
    fn correlation_id(&self) -> String;
    /// Whose event it is, if the event says so; see [`Envelope::tenant`].
    fn tenant(&self) -> Option<String> {
        None
    }
}

/// What a handler can ask for: one event type, or an enum of several, such as the one that the attribute
/// [`catalogue`](macro@crate::catalogue) makes of all of them. A consumer of a few types writes its own:
///
/// ```
/// use fanfare_event::{Envelope, EventType, Payload, SchemaError, event};
///
/// #[event(stream = "window-{window}", correlation = window)]
/// struct WindowOpened {
///     window: u32,
/// }
///
/// #[event(stream = "window-{window}", correlation = window)]
/// struct WindowClosed {
///     window: u32,
/// }
///
/// enum Draught {
///     Begins(WindowOpened),
///     Ends(WindowClosed),
/// }
///
/// impl Payload for Draught {
///     fn decode(envelope: &Envelope) -> Result<Self, SchemaError> {
///         match envelope.event_type.as_str() {
///             WindowOpened::TYPE => envelope.decode_as().map(Self::Begins),
///             WindowClosed::TYPE => envelope.decode_as().map(Self::Ends),
///             other => Err(SchemaError::UnknownType { event_type: other.to_owned() }),
///         }
///     }
/// }
/// # let json = r#"{ "eventType": "WindowClosed", "eventId": "e", "timestamp": "2024-01-15T10:30:00Z", "payload": { "window": 7 } }"#;
/// # assert!(matches!(Draught::decode(&Envelope::from_json(json)?)?, Draught::Ends(closed) if closed.window == 7));
/// # Ok::<(), SchemaError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a handler can't take `{Self}`: it is not an event",
    label = "not declared as an event",
    note = "declare it: #[fanfare::event(stream = \"room-{{room}}\", correlation = room)]",
    note = "to take several events, declare them in a module: #[fanfare::catalogue(HouseEvent)]"
)]
pub trait Payload: Sized {
    /// Decodes the payload of an envelope.
    ///
    /// # Errors
    /// [`SchemaError`] when the envelope does not hold what is asked for.
    fn decode(envelope: &Envelope) -> Result<Self, SchemaError>;
}

#[diagnostic::do_not_recommend]
impl<T: EventType> Payload for T {
    fn decode(envelope: &Envelope) -> Result<Self, SchemaError> {
        envelope.decode_as()
    }
}

/// An event with its payload decoded.
///
/// ```
/// use fanfare_event::{Envelope, Event};
///
/// #[fanfare_event::event(stream = "window-{window}", correlation = window)]
/// struct WindowOpened {
///     window: u32,
/// }
///
/// let json = r#"{ "eventType": "WindowOpened", "eventId": "evt_1", "timestamp": "2024-01-15T10:30:00Z",
///                 "version": 3, "payload": { "window": 7 } }"#;
/// let event = Event::<WindowOpened>::from_envelope(&Envelope::from_json(json)?)?;
///
/// assert_eq!((event.id.as_str(), event.version, event.payload.window), ("evt_1", Some(3), 7));
/// # Ok::<(), fanfare_event::SchemaError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Event<P> {
    /// The event's identity: the same in every copy that is ever delivered.
    pub id: EventId,
    /// When it happened. Handlers take time from here: they have no clock.
    pub timestamp: Timestamp,
    /// Its place in its stream, from 1, if the sender said so.
    pub version: Option<u64>,
    /// What happened.
    pub payload: P,
}

impl<P: Payload> Event<P> {
    /// Decodes an envelope.
    ///
    /// # Errors
    /// [`SchemaError`] when the envelope does not hold a `P`.
    pub fn from_envelope(envelope: &Envelope) -> Result<Self, SchemaError> {
        Ok(Self {
            id: envelope.event_id.clone(),
            timestamp: envelope.timestamp,
            version: envelope.version,
            payload: P::decode(envelope)?,
        })
    }
}
