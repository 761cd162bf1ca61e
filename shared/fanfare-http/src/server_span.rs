//! The span of a call, of which all that follows from it is a part.

use crate::{Handler, respond};
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use fanfare_bootstrap::{KeyValue, Span, SpanExporter, SpanKind, TraceContext};
use http::HeaderValue;
use lambda_runtime::LambdaEvent;
use std::time::{Duration, SystemTime};
use uuid::Uuid;

const TRACEPARENT: &str = "traceparent";

/// Answers a call, and exports its span before Lambda freezes the process. Events name it as their parent; it goes on
/// with the caller's trace, or begins one. Attributes are named by OpenTelemetry's conventions for HTTP
/// (<https://opentelemetry.io/docs/specs/semconv/http/http-spans/>).
pub(crate) async fn handle(
    handler: &impl Handler,
    spans: &SpanExporter,
    call: LambdaEvent<ApiGatewayV2httpRequest>,
) -> ApiGatewayV2httpResponse {
    let LambdaEvent { mut payload, context: invocation } = call;
    let started = SystemTime::now();
    let parent = payload.headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
    let parent = parent.and_then(TraceContext::parse);
    let context = own_context(parent);
    if let Ok(value) = HeaderValue::from_str(&context.to_string()) {
        payload.headers.insert(TRACEPARENT, value);
    }
    let method = payload.request_context.http.method.to_string();
    let path = payload.raw_path.clone().unwrap_or_default();

    let response = respond(handler, payload).await;

    let status = response.status_code;
    let span = Span {
        context,
        parent,
        link: None,
        kind: SpanKind::Server,
        name: method.clone(),
        started,
        ended: SystemTime::now(),
        attributes: vec![
            KeyValue::new("http.request.method", method),
            KeyValue::new("url.path", path),
            KeyValue::new("http.response.status_code", status),
            KeyValue::new("faas.trigger", "http"),
            KeyValue::new("faas.invocation_id", invocation.request_id),
        ],
        error: (status >= 500).then(|| format!("status {status}")),
    };
    let deadline = SystemTime::UNIX_EPOCH + Duration::from_millis(invocation.deadline);
    let left = deadline.duration_since(SystemTime::now()).unwrap_or_default();
    // Half of what is left: the answer has to reach Lambda in time.
    spans.export(vec![span], left / 2).await;
    response
}

fn own_context(parent: Option<TraceContext>) -> TraceContext {
    // The second half of such an id is random but for two bits.
    let (_, span_id) = Uuid::now_v7().as_u64_pair();
    match parent {
        Some(parent) => parent.with_span(span_id),
        None => TraceContext::root(Uuid::now_v7().as_u128(), span_id),
    }
}
