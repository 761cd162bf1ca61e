//! Why something could not be done.

use aws_sdk_sqs::error::BoxError;
use fanfare_template::roles::{MissingRole, NotDescribed, Role};

/// Why an operation did not do as asked. Nothing was lost: a dead letter is deleted only after it was sent.
#[derive(Debug, thiserror::Error)]
pub enum OperateError {
    /// A service did not answer, or refused.
    #[error("{doing} failed")]
    Aws {
        /// What was tried.
        doing: String,
        /// What it said.
        #[source]
        source: BoxError,
    },
    /// None of the template's queues is there.
    #[error(
        "stack {stack} has none of its template's queues; are --stack, --region and --endpoint right?"
    )]
    NoStack {
        /// The stack.
        stack: String,
    },
    /// No dead-letter queue has this name.
    #[error("{name:?} has no dead-letter queue; there are: {known}")]
    NoConsumer {
        /// What was asked for.
        name: String,
        /// The consumers that have one.
        known: String,
    },
    /// No queue is this consumer's.
    #[error("there is no consumer {name:?}; there are: {known}")]
    NoQueue {
        /// What was asked for.
        name: String,
        /// The consumers that have a queue.
        known: String,
    },
    /// The stack lacks a table or a queue that its template has.
    #[error(
        "stack {stack} has no {resource}, which its template has: deploy the template; or are --stack, --region and \
         --endpoint wrong?"
    )]
    NotDeployed {
        /// The stack.
        stack: String,
        /// The resource's logical id.
        resource: String,
    },
    /// Nothing in the template has a role that is needed.
    #[error(transparent)]
    NoRole(#[from] MissingRole),
    /// What is to be done can't be put on record.
    #[error(
        "nothing is done, since it would be on no record: {template} has no audit table; {}, or say --no-audit",
        Role::Audit.remedy()
    )]
    NoAuditTable {
        /// The template.
        template: String,
    },
    /// Nobody is at the endpoint.
    #[error("{endpoint} does not answer: does `fanfare up`, or the emulator, run there?")]
    Unanswered {
        /// The endpoint.
        endpoint: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// The local runner runs another stack.
    #[error("{endpoint} runs stack {running}, not {asked}: give --stack {running}")]
    OtherStack {
        /// The endpoint.
        endpoint: String,
        /// The stack that it runs.
        running: String,
        /// The one that was asked for.
        asked: String,
    },
    /// No template says what the stack consists of.
    #[error(
        "there is no template.yaml or infra/template.yaml here or above, which would say what the stack's resources are \
         for: give it with --template"
    )]
    NoTemplate,
    /// The template does not tell.
    #[error(transparent)]
    Template(#[from] NotDescribed),
    /// The dead letters come from no queue.
    #[error(
        "the dead letters of {consumer} come from no queue that they could go back to; {advice}"
    )]
    NoSource {
        /// Whose dead letters.
        consumer: String,
        /// What to do instead.
        advice: &'static str,
    },
    /// A batch as a whole failed: there is no point in going on.
    #[error(
        "stopped after {done} dead letters; all others are in the dead-letter queue still{doubt}"
    )]
    Stopped {
        /// Letters dealt with before.
        done: u64,
        /// What is not known of the others.
        doubt: &'static str,
        /// What SQS said.
        #[source]
        source: BoxError,
    },
    /// A record of the audit table is not what this crate writes.
    #[error("a record of the audit table can't be read")]
    Malformed(#[source] serde_dynamo::Error),
    /// There is no such record in the audit table.
    #[error("the audit table has no record {0}")]
    NoAudit(String),
    /// The editor did not do as asked.
    #[error(transparent)]
    Edit(#[from] crate::EditError),
    /// A file can't be read or written.
    #[error("{what}")]
    File {
        /// What was tried, with the file's name.
        what: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A subscription's filter policy can't be followed.
    #[error("the filter policy of {subscription} can't be followed: {reason}")]
    Policy {
        /// The subscription's ARN.
        subscription: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The trace can't be read.
    #[error(transparent)]
    Trace(#[from] fanfare_trace::ReadError),
}

/// Says what was tried when a call of a service failed.
pub(crate) fn aws<E: Into<BoxError>>(doing: impl Into<String>) -> impl FnOnce(E) -> OperateError {
    let doing = doing.into();
    move |error| OperateError::Aws { doing, source: error.into() }
}
