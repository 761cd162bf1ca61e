//! The composition root of every function: settings from the environment, what AWS clients are built
//! from, logging, metrics, and the export of spans. A function's `main` calls these once, before it takes work.

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
pub use spans::{KeyValue, Span, SpanExporter, SpanKind, TraceContext};
