//! Sends spans to a collector, without ever being what a function waits for.
//!
//! The protocol is left to the official `opentelemetry-otlp`: its encoding, and nothing of the SDK's pipeline. A
//! batch processor has a thread of its own that Lambda freezes with spans in it, and waits for it by blocking the one
//! thread that its HTTP client needs. Here spans are plain values until the end of an invocation and leave in one
//! awaited request, by the HTTP client that the AWS SDK brings anyway. All of it adds 0.1 MB to a program as it is
//! deployed (a JSON encoder of our own would save that, and speak what not every collector takes), and without the
//! variable nothing of it is built: no client, no thread, no work per message.

mod client;
mod data;
mod settings;

use crate::Environment;
use crate::spans::span::Span;
use client::SdkClient;
use opentelemetry_otlp::{Protocol, RetryPolicy, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use settings::Settings;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The longest that an export may take.
const LONGEST: Duration = Duration::from_millis(500);
/// How long no export is tried after one that failed.
const PAUSE: Duration = Duration::from_secs(30);

/// Exports spans by OTLP over HTTP. In a build without the feature `otel` there is no value of this type, and what
/// depends on one compiles to nothing.
///
/// ```
/// use fanfare_bootstrap::{Environment, SpanExporter};
///
/// let nobody_listens = Environment::default();
/// assert!(SpanExporter::from_environment(&nobody_listens).is_none());
/// ```
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
            spans.into_iter().filter(|span| span.context.is_recorded()).map(data::of).collect();
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
