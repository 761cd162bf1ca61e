//! Sends spans to a collector, without ever being what a function waits for.

use crate::Environment;
use crate::spans::client::SdkClient;
use crate::spans::context::TraceContext;
use crate::spans::settings::Settings;
use opentelemetry::trace::{
    Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{Protocol, RetryPolicy, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _, SpanLinks};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// The longest that an export may take.
const LONGEST: Duration = Duration::from_millis(500);
/// How long no export is tried after one that failed.
const PAUSE: Duration = Duration::from_secs(30);

/// Something that was done, and when.
#[derive(Debug, Clone)]
pub struct Span {
    /// Its own place in its trace.
    pub context: TraceContext,
    /// What it was done for, in the same trace.
    pub parent: Option<TraceContext>,
    /// A span of another trace that it belongs to as well.
    pub link: Option<TraceContext>,
    /// Which end of a conversation it is.
    pub kind: SpanKind,
    /// What was done, in words that many spans share.
    pub name: String,
    /// When it began.
    pub started: SystemTime,
    /// When it ended.
    pub ended: SystemTime,
    /// More about it: <https://opentelemetry.io/docs/specs/semconv/>.
    pub attributes: Vec<KeyValue>,
    /// What went wrong, if something did. No personal data.
    pub error: Option<String>,
}

/// Exports spans by OTLP over HTTP.
#[derive(Debug)]
pub struct SpanExporter {
    otlp: opentelemetry_otlp::SpanExporter,
    last_failure: Mutex<Option<Instant>>,
}

impl SpanExporter {
    /// An exporter to where `OTEL_EXPORTER_OTLP_ENDPOINT` says; `None` without it. Honours `OTEL_SERVICE_NAME`,
    /// `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SDK_DISABLED`, `OTEL_TRACES_EXPORTER=none` and the
    /// `_TRACES_` forms of endpoint and headers. Whether a trace is recorded is its first span's matter: what is not
    /// recorded upstream is not exported here.
    pub fn from_environment(environment: &Environment) -> Option<Self> {
        let settings = Settings::of(environment)?;
        let client = SdkClient::new()?;
        let built = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(settings.endpoint)
            .with_protocol(Protocol::HttpBinary)
            .with_headers(settings.headers)
            .with_timeout(LONGEST)
            .with_retry_policy(RetryPolicy::disabled())
            .build();
        let mut otlp = match built {
            Ok(otlp) => otlp,
            Err(error) => {
                tracing::warn!(%error, "no spans are sent");
                return None;
            }
        };
        let resource = Resource::builder_empty().with_attributes(settings.resource).build();
        otlp.set_resource(&resource);
        Some(Self { otlp, last_failure: Mutex::new(None) })
    }

    /// Sends spans, in half a second or `within`, whichever is less. Never fails: what does not arrive is lost. The
    /// first failure is logged, and for half a minute after one nothing is tried.
    pub async fn export(&self, spans: Vec<Span>, within: Duration) {
        let spans: Vec<SpanData> =
            spans.into_iter().filter(|span| span.context.is_recorded()).map(data).collect();
        let within = within.min(LONGEST);
        if spans.is_empty() || within.is_zero() || self.is_pausing() {
            return;
        }
        let failure = match tokio::time::timeout(within, self.otlp.export(spans)).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("it did not answer in time".to_owned()),
        };
        let failed = failure.is_some().then(Instant::now);
        let before = std::mem::replace(&mut *self.last_failure(), failed);
        match (before, failure) {
            (None, Some(error)) => tracing::warn!(error, "the collector takes no spans"),
            (Some(_), None) => tracing::info!("the collector takes spans again"),
            _ => {}
        }
    }

    fn is_pausing(&self) -> bool {
        self.last_failure().is_some_and(|at| at.elapsed() < PAUSE)
    }

    fn last_failure(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.last_failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn data(span: Span) -> SpanData {
    let mut links = SpanLinks::default();
    links.links.extend(span.link.map(|link| Link::new(context(link, true), Vec::new(), 0)));
    SpanData {
        span_context: context(span.context, false),
        parent_span_id: SpanId::from(span.parent.map_or(0, |parent| parent.span_id)),
        parent_span_is_remote: span.parent.is_some(),
        span_kind: span.kind,
        name: span.name.into(),
        start_time: span.started,
        end_time: span.ended,
        attributes: span.attributes,
        dropped_attributes_count: 0,
        events: Default::default(),
        links,
        status: span.error.map_or(Status::Unset, Status::error),
        instrumentation_scope: InstrumentationScope::builder("fanfare")
            .with_version(env!("CARGO_PKG_VERSION"))
            .build(),
    }
}

fn context(context: TraceContext, is_remote: bool) -> SpanContext {
    let (trace, span) = (TraceId::from(context.trace_id), SpanId::from(context.span_id));
    SpanContext::new(trace, span, TraceFlags::new(context.flags), is_remote, TraceState::default())
}
