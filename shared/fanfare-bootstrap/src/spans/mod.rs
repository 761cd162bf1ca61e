//! Spans, exported by OTLP when `OTEL_EXPORTER_OTLP_ENDPOINT` says where to; see [`SpanExporter`].
//!
//! What a span is ([`Span`], [`TraceContext`]) is there in every build. What sends it is there with the feature `otel`
//! alone: without it a [`SpanExporter`] is a type of which no value exists, so that all that depends on one compiles to
//! nothing and no caller needs to know of the feature.

mod context;
mod endpoint;
#[cfg(not(feature = "otel"))]
mod none;
#[cfg(feature = "otel")]
mod otlp;
mod span;

pub use context::TraceContext;
#[cfg(not(feature = "otel"))]
pub use none::SpanExporter;
#[cfg(feature = "otel")]
pub use otlp::SpanExporter;
pub use span::{AttributeValue, KeyValue, Span, SpanKind};
