//! Why a record failed, told apart by what should become of its message.

use std::error::Error as StdError;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a handler, an effect or a commit did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Trying again later may help: the message comes back after a growing delay.
    #[error("{reason}")]
    Retry {
        /// What went wrong, without personal data: it is logged and kept in the ledger.
        reason: String,
        /// What caused it.
        #[source]
        source: Option<Source>,
    },
    /// No retry will ever help: the message is on its way to the dead-letter queue.
    #[error("{reason}")]
    Permanent {
        /// What went wrong, without personal data: it is logged and kept in the ledger.
        reason: String,
        /// What caused it.
        #[source]
        source: Option<Source>,
    },
}

impl Failure {
    /// A failure that may pass by itself.
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry { reason: reason.into(), source: None }
    }

    /// A failure that no retry can mend.
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self::Permanent { reason: reason.into(), source: None }
    }

    /// The same failure with its cause.
    #[must_use]
    pub fn caused_by(self, cause: impl Into<Source>) -> Self {
        let source = Some(cause.into());
        match self {
            Self::Retry { reason, .. } => Self::Retry { reason, source },
            Self::Permanent { reason, .. } => Self::Permanent { reason, source },
        }
    }

    /// Whether no retry can help.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Permanent { .. })
    }
}
