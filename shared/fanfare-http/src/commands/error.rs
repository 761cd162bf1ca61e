//! Why a command was not carried out, told apart by what its caller can do.

use crate::Problem;
use fanfare_bootstrap::ErrorChain;
use fanfare_event_store::StoreError;

/// Why a command was not carried out. `?` makes it the [`Problem`] that the caller is told.
///
/// ```
/// use fanfare_http::{CommandError, Problem};
///
/// let moved = CommandError::StreamMoved { stream: "room-attic".to_owned() };
/// assert_eq!(Problem::from(moved).status, 409);
/// assert_eq!(Problem::from(CommandError::Busy).status, 503);
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The `Idempotency-Key` can't be one: 400.
    #[error("the Idempotency-Key can't be one")]
    Key(Problem),
    /// The key was used for a call that asked for something else: 422. A new call takes a new key.
    #[error("the Idempotency-Key was used for another call")]
    KeyReused,
    /// An event that must stand behind a certain version can't, since its stream has grown: 409, or read the stream and
    /// decide again.
    #[error("stream {stream} has moved: read it and decide again")]
    StreamMoved {
        /// The stream.
        stream: String,
    },
    /// The condition of a [write](crate::Command::write) does not hold: 409, or read what it is about and decide again.
    #[error("a condition of the command does not hold: read again and decide again")]
    Refused,
    /// The events are larger than what can be published: 413.
    #[error("an event has {bytes} bytes; {limit} can be published")]
    TooLarge {
        /// The bytes of its envelope.
        bytes: usize,
        /// The most that there may be.
        limit: usize,
    },
    /// Others were at the same items, again and again, and nothing was written: 503, to be repeated.
    #[error("others are at the same items")]
    Busy,
    /// DynamoDB did not answer: 503. The command may have been carried out; repeated with its key it is safe.
    #[error("DynamoDB did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something to be written has no JSON form: 500.
    #[error("there is no JSON of what is to be written")]
    Unwritable(#[source] serde_json::Error),
    /// What is written or was read is malformed: 500.
    #[error("a table or the command is malformed: {0}")]
    Invalid(String),
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { stream, .. } => Self::StreamMoved { stream },
            StoreError::Busy { .. } => Self::Busy,
            StoreError::Unavailable(error) => Self::Unavailable(error),
            StoreError::TooLarge { bytes, limit, .. } => Self::TooLarge { bytes, limit },
            StoreError::Malformed { stream, what } => Self::Invalid(format!("{stream}: {what}")),
        }
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Key(problem) => problem,
            CommandError::KeyReused => Self::key_reused(),
            CommandError::StreamMoved { .. } | CommandError::Refused => Self::moved(),
            CommandError::TooLarge { limit, .. } => Self::too_large(limit),
            CommandError::Busy | CommandError::Unavailable(_) => {
                tracing::error!(error = %ErrorChain(&error), "a command failed");
                Self::unavailable()
            }
            CommandError::Unwritable(_) | CommandError::Invalid(_) => {
                tracing::error!(error = %ErrorChain(&error), "a command can't be carried out");
                Self::internal()
            }
        }
    }
}
