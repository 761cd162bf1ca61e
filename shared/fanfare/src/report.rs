//! What is told of every record when it ends: a line of the log, and the metrics.

use crate::Failure;
use crate::attempt::Attempt;
use crate::batch::Runtime;
use crate::case::{End, Handled, Proof};
use crate::circuit_breaker::Dependency;
use crate::committer::DYNAMODB;
use crate::metrics::Metrics;
use fanfare_bootstrap::ErrorChain;
use fanfare_event::Payload;
use tracing::Level;

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Logs and counts what became of a message, and tells the circuit breakers of what works.
    pub(crate) fn report(&self, one: &Handled, metrics: &mut Metrics) {
        self.log(one);
        match &one.end {
            End::Done { did, proves } => {
                if *proves == Proof::DynamoDb {
                    self.breakers.works(Dependency::OfAll(DYNAMODB), self.now());
                }
                match did {
                    Some(_) => metrics.processed += 1,
                    None => metrics.duplicates += 1,
                }
                if let Some(attempt) = &one.attempt {
                    self.time(attempt, metrics);
                }
            }
            End::Failed { .. } => metrics.retried += 1,
            End::Untried { .. } => metrics.held_back += 1,
        }
    }

    fn time(&self, attempt: &Attempt, metrics: &mut Metrics) {
        let now = self.now();
        let micros = u32::try_from(attempt.elapsed_micros(now)).unwrap_or(u32::MAX);
        metrics.event_ages.push(attempt.event_age_ms(now));
        metrics.handler_times.push(f64::from(micros) / 1e3);
    }

    /// One line, with the same fields whatever the outcome: ids, never what is in the event.
    fn log(&self, one: &Handled) {
        let Handled { message, attempt, end, .. } = one;
        let (outcome, did, error) = match end {
            End::Done { did: Some(did), .. } => ("done", Some(&**did), None),
            End::Done { did: None, .. } => ("duplicate", None, None),
            End::Failed { failure, .. } => ("failed", None, Some(ErrorChain(failure).to_string())),
            End::Untried { why, .. } => ("untried", None, Some((*why).to_owned())),
        };
        let permanent = one.failure().map(Failure::is_permanent);
        let envelope = attempt.as_ref().map(|attempt| &attempt.envelope);
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    $level,
                    consumer = self.consumer.name,
                    outcome,
                    did,
                    permanent,
                    error,
                    eventId = envelope.map(|e| e.event_id.as_str()),
                    eventType = envelope.map(|e| e.event_type.as_str()),
                    correlationId = envelope.and_then(|e| e.correlation_id.as_deref()),
                    traceparent = envelope.and_then(|e| e.traceparent.as_deref()),
                    messageId = message.id,
                    receiveCount = message.receive_count,
                )
            };
        }
        match end {
            End::Failed { .. } => line!(Level::WARN),
            _ => line!(Level::INFO),
        }
    }
}
