//! A span of ours as OpenTelemetry's.

use crate::TraceContext;
use crate::spans::span::{AttributeValue, KeyValue, Span, SpanKind};
use opentelemetry::trace::{Link, SpanContext, SpanId, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, Value, trace};
use opentelemetry_sdk::trace::{SpanData, SpanLinks};

/// What OpenTelemetry's encoder takes.
pub(super) fn of(span: Span) -> SpanData {
    let mut links = SpanLinks::default();
    links.links.extend(span.link.map(|link| Link::new(context(link, true), Vec::new(), 0)));
    SpanData {
        span_context: context(span.context, false),
        parent_span_id: SpanId::from(span.parent.map_or(0, |parent| parent.span_id)),
        parent_span_is_remote: span.parent.is_some(),
        span_kind: kind(span.kind),
        name: span.name.into(),
        start_time: span.started,
        end_time: span.ended,
        attributes: span.attributes.into_iter().map(attribute).collect(),
        dropped_attributes_count: 0,
        events: Default::default(),
        links,
        status: span.error.map_or(Status::Unset, Status::error),
        instrumentation_scope: InstrumentationScope::builder("fanfare")
            .with_version(env!("CARGO_PKG_VERSION"))
            .build(),
    }
}

fn kind(kind: SpanKind) -> trace::SpanKind {
    match kind {
        SpanKind::Client => trace::SpanKind::Client,
        SpanKind::Server => trace::SpanKind::Server,
        SpanKind::Producer => trace::SpanKind::Producer,
        SpanKind::Consumer => trace::SpanKind::Consumer,
        SpanKind::Internal => trace::SpanKind::Internal,
    }
}

fn attribute(KeyValue { key, value }: KeyValue) -> opentelemetry::KeyValue {
    let value = match value {
        AttributeValue::Text(text) => Value::String(text.into()),
        AttributeValue::Integer(number) => Value::I64(number),
        AttributeValue::Boolean(truth) => Value::Bool(truth),
    };
    opentelemetry::KeyValue::new(key, value)
}

fn context(context: TraceContext, is_remote: bool) -> SpanContext {
    let (trace, span) = (TraceId::from(context.trace_id), SpanId::from(context.span_id));
    SpanContext::new(trace, span, TraceFlags::new(context.flags), is_remote, TraceState::default())
}
