//! Why the views are not rebuilt.

use aws_sdk_dynamodb::error::BoxError;
use fanfare_event::Timestamp;
use fanfare_event_store::StoreError;
use fanfare_operate::OperateError;

/// Why the views are not rebuilt. What is shown is whole.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// A service did not answer, or refused.
    #[error("{doing} failed")]
    Aws {
        /// What was tried.
        doing: String,
        /// What it said.
        #[source]
        source: BoxError,
    },
    /// The event store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stack lacks a table, or does not answer.
    #[error(transparent)]
    Stack(#[from] OperateError),
    /// An event can't be added to the views.
    #[error("event {event} can't be used")]
    Event {
        /// Its id.
        event: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// Somebody else is rebuilding the views.
    #[error(
        "another rebuild is under way; if it was killed, it stops being in the way at {until}, when a new one can begin"
    )]
    Busy {
        /// When its lease runs out unless it is renewed.
        until: Timestamp,
    },
    /// Somebody else has taken over the rebuild, since this one was not heard of for too long.
    #[error("another rebuild has taken over; what is shown is whole")]
    TakenOver,
    /// The rebuild was asked to stop.
    #[error("interrupted; what is shown is as it was, and a new rebuild can begin at any time")]
    Interrupted,
    /// What is in the views' table can't be read.
    #[error("the views' table holds what nobody can read")]
    Views(#[source] BoxError),
}

/// Says what was tried when a call of a service failed.
pub(crate) fn aws<E: Into<BoxError>>(doing: impl Into<String>) -> impl FnOnce(E) -> RebuildError {
    let doing = doing.into();
    move |error| RebuildError::Aws { doing, source: error.into() }
}
