//! Why something could not be done.

use crate::Resume;
use aws_sdk_dynamodb::error::BoxError;
use fanfare_event_store::StoreError;
use fanfare_operate::OperateError;

/// Why something was not done, or not to its end. The event store is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
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
    /// The consumer hears nothing.
    #[error(
        "no subscription of the topic feeds {consumer}'s queue {queue}: there is nothing to replay to it"
    )]
    NoSubscription {
        /// The consumer.
        consumer: String,
        /// Its queue.
        queue: String,
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
    /// An event can't be sent.
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
        source: Box<ReplayError>,
    },
    /// It was asked to stop.
    #[error("interrupted")]
    Interrupted,
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
pub(crate) fn aws<E: Into<BoxError>>(doing: impl Into<String>) -> impl FnOnce(E) -> ReplayError {
    let doing = doing.into();
    move |error| ReplayError::Aws { doing, source: error.into() }
}
