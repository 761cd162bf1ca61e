//! Why something could not be done.

use crate::Resume;
use aws_sdk_dynamodb::error::BoxError;
use fanfare_event::Timestamp;
use fanfare_event_store::StoreError;
use fanfare_operate::OperateError;

/// Why something was not done, or not to its end. The event store is as it was.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
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
    /// The stack lacks a table or the consumer, or does not answer.
    #[error(transparent)]
    Stack(#[from] OperateError),
    /// The consumer's subscription can't be followed.
    #[error("{consumer} {what}")]
    Subscription {
        /// The consumer.
        consumer: String,
        /// What is the matter with its subscription.
        what: String,
    },
    /// The consumer must not apply events again.
    #[error("--force is refused for {consumer}: {why}")]
    Force {
        /// The consumer.
        consumer: String,
        /// What would come of it.
        why: String,
    },
    /// The ledger can't be read.
    #[error("the ledger can't be read")]
    Ledger(#[source] fanfare::ledger::LedgerError),
    /// An event can't be sent, or can't be added to the views.
    #[error("event {event} can't be used")]
    Event {
        /// Its id.
        event: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// It came to an end too early.
    #[error("stopped after {done} events; {resume}")]
    Broken {
        /// Events that were dealt with before.
        done: u64,
        /// How to go on.
        resume: Resume,
        /// Why it stopped.
        #[source]
        source: Box<HistoryError>,
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
    /// A file can't be written.
    #[error("{file} can't be written")]
    File {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// What was asked for makes no sense.
    #[error("{0}")]
    Asked(String),
}

/// Says what was tried when a call of a service failed.
pub(crate) fn aws<E: Into<BoxError>>(doing: impl Into<String>) -> impl FnOnce(E) -> HistoryError {
    let doing = doing.into();
    move |error| HistoryError::Aws { doing, source: error.into() }
}
