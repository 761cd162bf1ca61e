//! What an operator does to a running stack, wherever it runs: on AWS, LocalStack, MiniStack or the local
//! runner.
//!
//! What the stack's resources are for is told by the local runner, or by the stack's template
//! ([`fanfare_template::roles`]); where they are, by their names; and what is a dead-letter queue, by the redrive policies
//! that name it.
//!
//! A dead letter is never in neither place: it is sent first and deleted after. Whoever does it twice does no
//! harm, since consumers apply an event once. What changes anything is written to the stack's audit table,
//! before it is done and once more when it has ended.
//!
//! [`Connection`] is the way in; [`DeadLetterQueue`] is what most of its methods act on.
//!
#![doc = include_str!("../README.md")]

mod act;
mod announce;
mod attributes;
mod audit;
mod audit_record;
mod batches;
mod cause;
mod connection;
mod dead_letter;
mod dead_letter_queue;
mod description;
mod edit;
mod error;
mod export;
mod handled;
mod http;
mod inspect;
mod names;
mod outgoing;
mod pace;
mod pass;
mod progress;
mod purge;
mod queues;
mod reasons;
mod recording;
mod redrive;
mod returned;
mod selection;
mod step;
mod stop;
mod subscription;
mod tables;
mod trace;
mod who;

pub use act::{Counts, Failed, Report};
pub use announce::AnnounceError;
pub use audit_record::{Action, AuditDetail, AuditRecord, AuditedMessage, Original, Outcome};
pub use cause::Cause;
pub use connection::{ConnectError, Connection, LOCAL_DOMAINS, Target, is_local};
pub use dead_letter::{DeadLetter, DeadLetterView};
pub use dead_letter_queue::DeadLetterQueue;
pub use edit::{EditError, Editor};
pub use error::OperateError;
pub use export::Export;
pub use fanfare_template::roles::{ForcedReplay, StackDescription};
pub use fanfare_trace::{Consumption, Standing, Trace, TracedEvent};
pub use handled::{Handled, Sample};
pub use http::HttpClient;
pub use inspect::{Group, Shown, Summary};
pub use pace::Pace;
pub use progress::Progress;
pub use purge::Purge;
pub use queues::{Queue, QueueCounts, QueueLine};
pub use recording::Recording;
pub use redrive::{DryRun, Redrive};
pub use selection::Selection;
pub use stop::Stop;
pub use subscription::FilterPolicy;
pub use trace::{Audience, Beginning};
