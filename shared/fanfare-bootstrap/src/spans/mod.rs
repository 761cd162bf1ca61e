//! Spans, exported by OTLP when `OTEL_EXPORTER_OTLP_ENDPOINT` says where to; see [`SpanExporter`].
//!
//! The protocol is left to the official `opentelemetry-otlp`: its encoding, and nothing of the SDK's pipeline. A
//! batch processor has a thread of its own that Lambda freezes with spans in it, and waits for it by blocking the one
//! thread that its HTTP client needs. Here spans are plain values until the end of an invocation and leave in one
//! awaited request, by the HTTP client that the AWS SDK brings anyway. All of it adds 0.1 MB to a program as it is
//! deployed (a JSON encoder of our own would save that, and speak what not every collector takes), and without the
//! variable nothing of it is built: no client, no thread, no work per message.

mod client;
mod context;
mod exporter;
mod settings;

pub use context::TraceContext;
pub use exporter::{Span, SpanExporter};
pub use opentelemetry::KeyValue;
pub use opentelemetry::trace::SpanKind;
