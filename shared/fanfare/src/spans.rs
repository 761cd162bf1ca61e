//! The spans of a batch and of its messages, when somebody wants them: what was done, for which trace, how it ended.
//!
//! A message's span is a child of what its event's `traceparent` names, and what it emits names that span: so a
//! trace goes on from function to function. It is linked to the span of its batch, whose trace it belongs to if the
//! event has none. Attributes are named by OpenTelemetry's conventions for messaging
//! (<https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/>).

use crate::attempt::Attempt;
use crate::batch::Runtime;
use crate::case::{End, Handled};
use crate::time_left::between;
use crate::trace_context::{child, span_id};
use crate::{Failure, Host};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use fanfare_bootstrap::{
    Environment, ErrorChain, KeyValue, Span, SpanExporter, SpanKind, TraceContext,
};
use fanfare_event::{Payload, Timestamp};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// The spans of a consumer. Lambda gives an execution environment one batch at a time; of batches that are handled at
/// the same time all but the first count as part of it.
pub(crate) struct Spans {
    exporter: SpanExporter,
    queue: String,
    batch: Mutex<Option<Batch>>,
}

/// The batch under way, with the spans of its messages that have ended.
struct Batch {
    context: TraceContext,
    ended: Vec<Span>,
}

impl Spans {
    /// `None` when nobody wants spans.
    pub(crate) fn from_environment(environment: &Environment) -> Option<Self> {
        let exporter = SpanExporter::from_environment(environment)?;
        let queue_url = environment.optional("QUEUE_URL").unwrap_or_default();
        let queue = queue_url.rsplit('/').next().unwrap_or_default().to_owned();
        Some(Self { exporter, queue, batch: Mutex::new(None) })
    }

    fn batch(&self) -> MutexGuard<'_, Option<Batch>> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, host: &Host) -> Option<TraceContext> {
        let trace_id = host.random(|random| random.u128(1..));
        let context = TraceContext::root(trace_id, span_id(host));
        let mut batch = self.batch();
        batch.is_none().then(|| {
            *batch = Some(Batch { context, ended: Vec::new() });
            context
        })
    }

    fn attributes(&self, consumer: &'static str) -> Vec<KeyValue> {
        vec![
            KeyValue::new("messaging.system", "aws_sqs"),
            KeyValue::new("messaging.destination.name", self.queue.clone()),
            KeyValue::new("messaging.operation.name", "process"),
            KeyValue::new("messaging.operation.type", "process"),
            KeyValue::new("messaging.consumer.group.name", consumer),
        ]
    }
}

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Handles a batch, and exports its spans before Lambda freezes the process. `invocation` is Lambda's id of the
    /// request.
    pub(crate) async fn handle_traced(
        &self,
        batch: SqsEvent,
        deadline: Timestamp,
        invocation: Option<String>,
    ) -> SqsBatchResponse {
        let host = &self.committer.host;
        let begun = self.spans.as_ref().and_then(|spans| Some((spans, spans.begin(host)?)));
        let Some((spans, context)) = begun else { return self.handle_batch(batch, deadline).await };
        let (started, messages) = (self.now(), batch.records.len());
        let response = self.handle_batch(batch, deadline).await;
        let returned = response.batch_item_failures.len();
        let mut attributes = spans.attributes(self.consumer.name);
        attributes.extend([
            KeyValue::new("messaging.batch.message_count", count(messages)),
            KeyValue::new("fanfare.returned", count(returned)),
            KeyValue::new("faas.trigger", "pubsub"),
        ]);
        attributes.extend(invocation.map(|id| KeyValue::new("faas.invocation_id", id)));
        let now = self.now();
        let whole = Span {
            context,
            parent: None,
            link: None,
            kind: SpanKind::Consumer,
            name: format!("process batch {}", spans.queue),
            started: started.into(),
            ended: now.into(),
            attributes,
            error: None,
        };
        let ended = spans.batch().take().map(|batch| batch.ended).unwrap_or_default();
        // Half of what is left: the answer has to reach Lambda in time.
        let within = between(now, deadline) / 2;
        spans.exporter.export(ended.into_iter().chain([whole]).collect(), within).await;
        response
    }

    /// Gives an attempt its span, whose context goes into the events that it emits.
    pub(crate) fn with_span(&self, mut attempt: Attempt) -> Attempt {
        let batch = self.spans.as_ref().and_then(|spans| Some(spans.batch().as_ref()?.context));
        let event = attempt.envelope.traceparent.as_deref();
        attempt.span = child(event, batch, &self.committer.host);
        attempt
    }

    /// Ends the spans of messages.
    pub(crate) fn end_spans(&self, handled: &[Handled]) {
        let Some(spans) = &self.spans else { return };
        let now = self.now().into();
        if let Some(batch) = &mut *spans.batch() {
            let ended = handled.iter().map(|one| self.message_span(spans, batch.context, one, now));
            batch.ended.extend(ended.collect::<Vec<_>>());
        }
    }

    fn message_span(
        &self,
        spans: &Spans,
        batch: TraceContext,
        one: &Handled,
        ended: SystemTime,
    ) -> Span {
        let event = one.attempt.as_ref().and_then(|a| a.envelope.traceparent.as_deref());
        let parent = event.and_then(TraceContext::parse);
        let own = one.attempt.as_ref().and_then(|attempt| attempt.span);
        let own = own.unwrap_or_else(|| batch.with_span(span_id(&self.committer.host)));
        let mut attributes = spans.attributes(self.consumer.name);
        attributes.push(KeyValue::new("messaging.message.id", one.message.id.clone()));
        let receives = i64::from(one.message.receive_count);
        attributes.push(KeyValue::new("fanfare.receive_count", receives));
        attributes.extend(one.attempt.iter().flat_map(of_event));
        let error = how_it_ended(&one.end, &mut attributes);
        Span {
            context: own,
            parent: Some(parent.unwrap_or(batch)),
            link: parent.map(|_| batch),
            kind: SpanKind::Consumer,
            name: format!("process {}", spans.queue),
            started: one.attempt.as_ref().map_or(ended, |attempt| attempt.started().into()),
            ended,
            attributes,
            error,
        }
    }
}

fn of_event(attempt: &Attempt) -> impl Iterator<Item = KeyValue> {
    let envelope = &attempt.envelope;
    let correlation = envelope.correlation_id.as_deref();
    [
        ("fanfare.event.id", Some(envelope.event_id.as_str())),
        ("fanfare.event.type", Some(envelope.event_type.as_str())),
        ("messaging.message.conversation_id", correlation),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(KeyValue::new(name, value?.to_owned())))
}

/// Adds the outcome, and gives the error if there was one.
fn how_it_ended(end: &End, attributes: &mut Vec<KeyValue>) -> Option<String> {
    let outcome = match end {
        End::Done { did: Some(_), .. } => "done",
        End::Done { .. } => "duplicate",
        End::Failed { .. } => "failed",
        End::Untried { .. } => "untried",
    };
    attributes.push(KeyValue::new("fanfare.outcome", outcome));
    let End::Failed { failure, .. } = end else { return None };
    let kind = match failure {
        Failure::Retry { .. } => "retry",
        Failure::Busy { .. } => "busy",
        Failure::Unavailable { .. } => "unavailable",
        Failure::Unknown { .. } => "unknown",
        Failure::Permanent { .. } => "permanent",
    };
    attributes.push(KeyValue::new("error.type", kind));
    Some(ErrorChain(failure).to_string())
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
