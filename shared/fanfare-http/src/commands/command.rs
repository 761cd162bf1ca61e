//! What a call asks for: the events that it becomes, and its answer.

use super::CommandError;
use crate::Response;
use aws_sdk_dynamodb::types::TransactWriteItem;
use fanfare_event::{Envelope, EventId, EventType, Timestamp};
use fanfare_event_store::FailedCondition;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A command: the events that a call becomes, and what is answered once they are appended.
///
/// ```
/// use fanfare_http::{Command, CommandError, Response};
///
/// #[fanfare_event::event(stream = "room-{room}", correlation = room)]
/// pub struct WindowOpened {
///     /// The room.
///     pub room: u32,
/// }
///
/// fn command(opened: &WindowOpened) -> Result<Command, CommandError> {
///     let response = Response::new(202, &opened);
///     Command::new("open-window", opened, response)?.announce(opened)
/// }
/// assert!(command(&WindowOpened { room: 7 }).is_ok());
/// ```
#[derive(Debug, Clone)]
pub struct Command {
    pub(super) kind: &'static str,
    /// What tells two calls apart: the same for two bodies that say the same.
    pub(super) fingerprint: String,
    pub(super) response: Response,
    pub(super) events: Vec<Append>,
    pub(super) writes: Vec<TransactWriteItem>,
}

/// An event, and where it goes.
#[derive(Debug, Clone)]
pub(super) struct Append {
    pub(super) envelope: Envelope,
    /// The version behind which it is to stand; `None` for wherever its stream stands.
    pub(super) after: Option<u64>,
}

impl Append {
    pub(super) fn stream(&self) -> &str {
        self.envelope.stream.as_deref().unwrap_or_default()
    }
}

impl Command {
    /// A command of this kind, such as `place-order`: a key is used for one kind only. `asked` is what the call asks
    /// for; a repeat of its key that asks for something else is refused. The response is kept with the key, so it should
    /// be small.
    ///
    /// # Errors
    /// [`CommandError::Unwritable`] when `asked` has no JSON form.
    pub fn new(
        kind: &'static str,
        asked: &impl Serialize,
        response: Response,
    ) -> Result<Self, CommandError> {
        let json = serde_json::to_vec(asked).map_err(CommandError::Unwritable)?;
        Ok(Self { kind, fingerprint: hex(&json), response, events: Vec::new(), writes: Vec::new() })
    }

    /// With an event that is appended wherever its stream stands: the right one for whoever only tells what happened.
    ///
    /// # Errors
    /// [`CommandError::Unwritable`] when the payload has no JSON form.
    pub fn announce(self, event: &impl EventType) -> Result<Self, CommandError> {
        self.append(event, None)
    }

    /// With an event that begins its stream: refused when there is one already.
    ///
    /// # Errors
    /// [`CommandError::Unwritable`] when the payload has no JSON form.
    pub fn begin(self, event: &impl EventType) -> Result<Self, CommandError> {
        self.append(event, Some(0))
    }

    /// With an event that was decided on what its stream held up to this version: refused when it has grown since.
    ///
    /// # Errors
    /// [`CommandError::Unwritable`] when the payload has no JSON form.
    pub fn after(self, version: u64, event: &impl EventType) -> Result<Self, CommandError> {
        self.append(event, Some(version))
    }

    /// With a write of the function's own in the same transaction: all of it is done, or none. When the write's condition does
    /// not hold, the command is [`CommandError::Refused`]. A transaction takes 100 items: every event is one, every write,
    /// and the key.
    ///
    /// ```
    /// use aws_sdk_dynamodb::error::BuildError;
    /// use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
    /// use fanfare_http::Command;
    ///
    /// /// Counts a window, while there are fewer than ten.
    /// fn counted(command: Command) -> Result<Command, BuildError> {
    ///     let count = Update::builder()
    ///         .table_name("RoomsTable")
    ///         .key("room", AttributeValue::S("attic".to_owned()))
    ///         .update_expression("ADD windows :one")
    ///         .condition_expression("windows < :ten")
    ///         .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
    ///         .expression_attribute_values(":ten", AttributeValue::N("10".to_owned()))
    ///         .build()?;
    ///     Ok(command.write(TransactWriteItem::builder().update(count).build()))
    /// }
    /// ```
    #[must_use]
    pub fn write(mut self, write: TransactWriteItem) -> Self {
        self.writes.push(write);
        self
    }

    fn append(mut self, event: &impl EventType, after: Option<u64>) -> Result<Self, CommandError> {
        let id = EventId::from_uuid(Uuid::now_v7());
        let envelope = Envelope::wrap(event, id, Timestamp::now());
        let envelope = envelope.map_err(CommandError::Unwritable)?;
        self.events.push(Append { envelope, after });
        Ok(self)
    }

    /// The place in the transaction of the key's record: behind the events and the writes.
    pub(super) fn place_of_key(&self) -> usize {
        self.events.len() + self.writes.len()
    }

    /// Whether one of these is a condition of the command's own writes.
    pub(super) fn has_refused_write(&self, failed: &[FailedCondition]) -> bool {
        let writes = self.events.len()..self.place_of_key();
        failed.iter().any(|condition| writes.contains(&condition.place))
    }

    /// The stream of an event that would have had to stand elsewhere than it can.
    pub(super) fn strict_stream_among(&self, failed: &[FailedCondition]) -> Option<String> {
        let events = failed.iter().filter_map(|condition| self.events.get(condition.place));
        let mut strict = events.filter(|event| event.after.is_some());
        strict.next().map(|event| event.stream().to_owned())
    }
}

/// The SHA-256 of some bytes, in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
