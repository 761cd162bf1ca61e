//! The producer's side: calls over HTTP that become events.
//!
//! One Lambda function behind an HTTP API or a function URL, both of which send payload format 2.0. `POST /readings`
//! appends `TemperatureMeasured` once for each `Idempotency-Key`:
//!
//! ```no_run
//! use fanfare_event::event;
//! use fanfare_http::{Command, Commands, Handler, Problem, Request, Response};
//!
//! /// A room's temperature was measured.
//! #[event(stream = "room-{room}", correlation = room)]
//! pub struct TemperatureMeasured {
//!     /// The room, by its number.
//!     pub room: u32,
//!     /// The temperature, in degrees Celsius.
//!     pub celsius: f64,
//! }
//!
//! struct Readings {
//!     commands: Commands,
//! }
//!
//! impl Handler for Readings {
//!     async fn answer(&self, request: &Request) -> Result<Response, Problem> {
//!         match (request.method(), request.segments().as_slice()) {
//!             ("POST", ["readings"]) => self.record(request).await,
//!             (method, ["readings"]) => Err(Problem::method_not_allowed(method, "POST")),
//!             _ => Err(Problem::nothing_at(request.path())),
//!         }
//!     }
//! }
//!
//! impl Readings {
//!     async fn record(&self, request: &Request) -> Result<Response, Problem> {
//!         let measured: TemperatureMeasured = request.json()?;
//!         let response = Response::new(202, &measured);
//!         let command = Command::new("record-reading", &measured, response)?.announce(&measured)?;
//!         Ok(self.commands.execute(request, command).await?)
//!     }
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), fanfare_http::Error> {
//!     fanfare_http::run(async |environment| {
//!         Ok(Readings { commands: Commands::from_environment("readings", environment).await? })
//!     })
//!     .await
//! }
//! ```
//!
//! # What it promises
//! - A command is one transaction: its events, and the record of its key. Either both are there or neither is.
//! - A repeat with the same key and body gets the first call's response, word for word, for 24 hours; with another body
//!   it is refused. Two callers may use the same key: a key is its [`Caller`]'s own.
//! - The appended event is the outbox: the table's stream carries it to the relay, which publishes it.
//! - A refusal is a [`Problem`] that names the field and says what would do. Its cause goes into the log, what the caller
//!   sent does not.
//! - A body has 256 KiB at the most: what SNS takes in one message.
//!
//! # Types of other crates
//! [`Commands::new`] takes the AWS SDK's `aws_sdk_dynamodb::Client`, and [`respond`] takes and gives payloads of
//! `aws_lambda_events`, so that a function can be called without Lambda, in a test. A new major version of either is a
//! breaking version of this crate.

mod body;
mod caller;
mod commands;
mod handler;
mod paging;
mod problem;
mod request;
mod response;
mod run;
mod server_span;
mod token;

pub use caller::Caller;
pub use commands::{Command, CommandError, Commands};
pub use handler::{Handler, respond};
pub use paging::Paging;
pub use problem::{Problem, unavailable};
pub use request::Request;
pub use response::Response;
pub use run::{Error, run};
pub use token::Token;

/// Compiles what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
