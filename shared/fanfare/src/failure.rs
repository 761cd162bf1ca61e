//! Why a record failed, told apart by what should become of its message.

use fanfare_bootstrap::{ErrorChain, panic_place};
use std::error::Error as StdError;
use std::time::Duration;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a handler, an effect or a commit did not succeed, told apart by what becomes of the message. The reasons are logged
/// and kept in the ledger: they hold no personal data.
///
/// | failure | the message | a try is used up | the consumer |
/// |---|---|---|---|
/// | [`retry`](Self::retry) | comes back after a growing delay; at once, if another message of the batch succeeds | yes | goes on |
/// | [`retry_after`](Self::retry_after) | comes back after that time | yes | goes on |
/// | [`busy`](Self::busy) | comes back soon | no | goes on |
/// | [`unavailable`](Self::unavailable) | comes back after a quarter of its age | no | stops trying for a while after five in a row |
/// | [`unknown`](Self::unknown) | comes back after a fast growing delay; its effect is done again or not, by the [policy](crate::UnknownOutcome) | yes | as above |
/// | [`permanent`](Self::permanent) | goes to the dead-letter queue, with this and its history | | goes on |
///
/// A message whose tries are used up (`MAX_TRIES`, 8 when absent) goes to the dead-letter queue as well, and so does one that
/// fails when it has been waiting for three days.
///
/// ```
/// use fanfare::Failure;
///
/// fn degrees(reading: &str) -> Result<i64, Failure> {
///     reading.parse().map_err(|e| Failure::permanent("celsius is no whole number").caused_by(e))
/// }
///
/// assert_eq!(degrees("21").ok(), Some(21));
/// assert!(degrees("warm").is_err_and(|failure| failure.is_permanent()));
/// ```
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Trying again later may help: the message comes back after a growing delay.
    #[error("{reason}")]
    Retry {
        /// What went wrong.
        reason: String,
        /// What should pass before the next try, instead of the consumer's backoff.
        after: Option<Duration>,
        /// What caused it.
        #[source]
        source: Option<Source>,
    },
    /// Somebody else is at work on the same thing, or there is no time left: it says nothing about the message, which
    /// comes back soon.
    #[error("{reason}")]
    Busy {
        /// Who or what is in the way.
        reason: String,
        /// What should pass before the next try, if that is known.
        after: Option<Duration>,
        /// What caused it.
        #[source]
        source: Option<Source>,
    },
    /// Something that the consumer depends on does not work. It says nothing about the message, which comes back after a
    /// delay that grows with its age; and when it happens time and again the consumer stops trying for a while.
    #[error("{reason}")]
    Unavailable {
        /// What does not work, such as `dynamodb`.
        dependency: &'static str,
        /// What went wrong.
        reason: String,
        /// What caused it.
        #[source]
        source: Option<Source>,
    },
    /// An effect may or may not have happened. Its lease is left to run out, and then the consumer's
    /// [`UnknownOutcome`](crate::UnknownOutcome) decides; and when it happens time and again the consumer stops
    /// trying for a while.
    #[error("{reason}")]
    Unknown {
        /// What went wrong.
        reason: String,
        /// What caused it.
        #[source]
        source: Option<Source>,
    },
    /// No retry will ever help: the message goes to the dead-letter queue.
    #[error("{reason}")]
    Permanent {
        /// What went wrong.
        reason: String,
        /// What caused it.
        #[source]
        source: Option<Source>,
    },
}

impl Failure {
    /// A failure that may pass by itself.
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry { reason: reason.into(), after: None, source: None }
    }

    /// A failure that may pass by itself, not to be tried again before `after` is over. SQS counts whole
    /// seconds, 12 hours at the most.
    pub fn retry_after(after: Duration, reason: impl Into<String>) -> Self {
        Self::Retry { reason: reason.into(), after: Some(after), source: None }
    }

    /// A failure because somebody else is at work on the same thing.
    pub fn busy(reason: impl Into<String>) -> Self {
        Self::Busy { reason: reason.into(), after: None, source: None }
    }

    /// A failure because something is in the way, which will be gone after this.
    pub(crate) fn busy_for(after: Duration, reason: impl Into<String>) -> Self {
        Self::Busy { reason: reason.into(), after: Some(after), source: None }
    }

    /// A failure of something that the consumer depends on.
    pub fn unavailable(dependency: &'static str, reason: impl Into<String>) -> Self {
        Self::Unavailable { dependency, reason: reason.into(), source: None }
    }

    /// A failure after which an effect may have happened. Every other failure says that it did not.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown { reason: reason.into(), source: None }
    }

    /// A failure that no retry can mend.
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self::Permanent { reason: reason.into(), source: None }
    }

    /// The same failure with its cause.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Source>) -> Self {
        let (Self::Retry { source, .. }
        | Self::Busy { source, .. }
        | Self::Unavailable { source, .. }
        | Self::Unknown { source, .. }
        | Self::Permanent { source, .. }) = &mut self;
        *source = Some(cause.into());
        self
    }

    /// The failure that the panic just caught is. It may be the message's fault or not, so it is worth a retry. Its words
    /// are left out: they may quote what is in the event.
    pub(crate) fn panicked() -> Self {
        let place = panic_place().map(|place| format!(" at {place}"));
        Self::retry(format!("panicked{}", place.unwrap_or_default()))
    }

    /// The failure of work that nobody decides about again in this invocation.
    pub(crate) fn outdated() -> Self {
        Self::busy("what it was decided from kept changing")
    }

    /// The same failure for another record that it stands for, its causes made part of the reason.
    pub(crate) fn again(&self) -> Self {
        let reason = ErrorChain(self).to_string();
        match self {
            Self::Retry { after, .. } => Self::Retry { reason, after: *after, source: None },
            Self::Busy { after, .. } => Self::Busy { reason, after: *after, source: None },
            Self::Unavailable { dependency, .. } => Self::unavailable(dependency, reason),
            Self::Unknown { .. } => Self::unknown(reason),
            Self::Permanent { .. } => Self::permanent(reason),
        }
    }

    /// What does not work, if it is that.
    pub(crate) fn dependency(&self) -> Option<&'static str> {
        match self {
            Self::Unavailable { dependency, .. } => Some(dependency),
            Self::Retry { .. }
            | Self::Busy { .. }
            | Self::Unknown { .. }
            | Self::Permanent { .. } => None,
        }
    }

    /// Whether it uses up one of the message's tries. What is only in the way, or out of order, says nothing about the
    /// message; and how often an effect was begun whose outcome is unknown, its claims count.
    pub(crate) fn uses_up_a_try(&self) -> bool {
        match self {
            Self::Retry { .. } => true,
            Self::Busy { .. }
            | Self::Unavailable { .. }
            | Self::Unknown { .. }
            | Self::Permanent { .. } => false,
        }
    }

    /// Whether no retry can help.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Permanent { .. })
    }
}
