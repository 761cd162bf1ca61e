//! The relay: publishes every event of the event store on a topic, fed by the event table's stream.
//!
//! A function is a relay by these three lines:
//!
//! ```no_run
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), fanfare_relay::Error> {
//!     fanfare_relay::run().await
//! }
//! ```
//!
//! It reads two settings from the environment: `EVENTS_TOPIC`, the topic's ARN, and `DEAD_LETTER_QUEUE_URL`, the URL of
//! the relay's own dead-letter queue. In a template:
//!
//! ```yaml
//! RelayFunction:
//!   Type: AWS::Serverless::Function
//!   Properties:
//!     Environment:
//!       Variables: { EVENTS_TOPIC: !Ref EventsTopic, DEAD_LETTER_QUEUE_URL: !Ref RelayDeadLetters }
//!     Events:
//!       EventStore:
//!         Type: DynamoDB
//!         Properties:
//!           Stream: !GetAtt EventsTable.StreamArn
//!           StartingPosition: TRIM_HORIZON
//!           FunctionResponseTypes: [ReportBatchItemFailures]
//!           FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] }
//! ```
//!
//! # What it promises
//! - Every event is published at least once. What SNS does not take is reported back by its sequence number, and Lambda
//!   delivers the batch again from there on.
//! - Events of one stream are published in their order: from the first that is not taken, the stream waits.
//! - What SNS will never take holds up nothing: an event that is too large, an item that holds no event, an entry that
//!   is refused for what it is. A [`DeadLetter`] points to it, and the events behind it go on. A refusal that can pass,
//!   such as throttling or a key of KMS that is not to be had, makes no dead letter, whosever fault SNS calls it.
//! - It stops in time: no round of requests is begun that would outlast the invocation.

mod announcement;
mod dead_letter;
mod publisher;
mod relay;
mod requests;
mod rounds;
mod run;
mod settings;
mod time_left;

pub use announcement::Announcement;
pub use dead_letter::DeadLetter;
pub use publisher::Publisher;
pub use relay::relay;
pub use rounds::rounds;
pub use run::{Error, run};
pub use settings::{Settings, SettingsError};

/// Compiles what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
