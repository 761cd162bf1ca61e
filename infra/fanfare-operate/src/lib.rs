//! What an operator does to a running stack, wherever it runs: on AWS, LocalStack, MiniStack or the local
//! runner.
//!
//! A stack is found by names and redrive policies alone, which all of these have: its queues and tables begin
//! with its name, and a queue that another's redrive policy names is that one's dead-letter queue.
//!
//! A dead letter is never in neither place: it is sent first and deleted after. Whoever does it twice does no
//! harm, since consumers apply an event once. What changes anything is written to the stack's audit table,
//! before it is done and once more when it has ended.
//!
//! [`Connection`] is the way in; [`DeadLetters`] is what most of its methods act on.
//!
#![doc = include_str!("../README.md")]

mod act;
mod api_client;
mod api_url;
mod attributes;
mod audit;
mod batches;
mod cause;
mod connection;
mod dead_letters;
mod edit;
mod error;
mod export;
mod inspect;
mod letter;
mod names;
mod orders;
mod outgoing;
mod pace;
mod pass;
mod place;
mod progress;
mod purge;
mod queues;
mod reasons;
mod redrive;
mod selection;
mod sign;
mod step;
mod stop;
mod tables;
mod trace;
mod who;

pub use act::{Counts, Failed, Report};
pub use api_client::{Api, ApiError};
pub use api_url::RUNNER_API;
pub use audit::{Action, AuditDetail, AuditRecord, AuditedMessage, Original, Outcome};
pub use cause::Cause;
pub use connection::{ConnectError, Connection, Target};
pub use dead_letters::DeadLetters;
pub use edit::{EditError, Editor};
pub use error::OperateError;
pub use event_schema::OrderId;
pub use export::Export;
pub use inspect::{Group, Shown, Summary};
pub use letter::{Letter, LetterView};
pub use order_trace::{Consumption, Standing, Trace, TracedEvent};
pub use orders::{Order, OrdersError, read_orders};
pub use pace::Pace;
pub use place::{Placed, Placing};
pub use progress::Progress;
pub use purge::Purge;
pub use queues::{Queue, QueueCounts, QueueLine};
pub use redrive::{DryRun, Redrive};
pub use selection::Selection;
pub use stop::Stop;
