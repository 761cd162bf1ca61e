//! The start of every function: settings from the environment, what AWS clients are built from, logging, metrics, and
//! the export of spans. A function's `main` calls these once, before it takes work.
//!
//! ```no_run
//! use fanfare_bootstrap::{Environment, ErrorChain, aws_config, init_logging};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), fanfare_bootstrap::SettingError> {
//! let environment = Environment::of_process();
//! init_logging(&environment)?;
//! let rooms = environment.required("ROOMS_TABLE")?;
//! let config = aws_config(&environment).await?;
//! if let Err(error) = environment.parsed("LIMIT", 5_u32) {
//!     tracing::error!(error = %ErrorChain(&error), "can't start");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here knows what a function is for. Who writes a consumer of events takes the crate `fanfare`, which calls
//! all this; this crate is for functions of another kind, such as one that a timer starts.
//!
//! The feature `otel` exports spans ([`SpanExporter`]). Without it nothing of OpenTelemetry is in the program.

mod aws;
mod embedded_metrics;
mod environment;
mod error_chain;
mod logging;
mod panics;
mod spans;

pub use aws::{SdkConfig, aws_config};
pub use embedded_metrics::{Metric, embedded_metrics, write_metrics};
pub use environment::{Environment, SettingError};
pub use error_chain::ErrorChain;
pub use logging::init_logging;
pub use panics::panic_place;
pub use spans::{AttributeValue, KeyValue, Span, SpanExporter, SpanKind, TraceContext};

/// Compiles what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
