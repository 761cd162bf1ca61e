//! Batches as Lambda delivers them, through the whole runtime to the partial batch response.

use crate::aws::{Aws, Sent};
use crate::corpus::{Sample, samples};
use crate::memory::Budget;
use crate::mutant::Mutant;
use crate::redaction::{MARKS, Secret, valid_bodies};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use bolero::generator::*;
use event_schema::StoreEvent;
use fanfare::testing::from_body;
use fanfare::{Consumer, Failure, Host, NoEffect, Runtime, SystemClock, Work};
use fanfare::{Envelope, Event, Timestamp};
use fanfare_bootstrap::Environment;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request to DynamoDB or SQS is built for what is in the batch, by way of several copies; and what the runtime keeps
/// in mind of applied events has a bound, up to which it grows by doubling.
const BUDGET: Budget = Budget { fixed: 512 * 1024, per_byte: 64 };

/// A consumer of all events on an AWS that takes everything.
struct Function {
    aws: Aws,
    runtime: Runtime<StoreEvent, NoEffect>,
    tokio: tokio::runtime::Runtime,
}

/// A panic ends the test, and nobody looks at what it left behind.
impl UnwindSafe for Function {}
impl RefUnwindSafe for Function {}

/// What became of a batch.
struct Outcome {
    /// The identifiers in the partial batch response.
    returned: Vec<String>,
    sent: Vec<Sent>,
}

impl Function {
    fn start() -> Self {
        let aws = Aws::default();
        let environment = Environment::from_iter([
            ("LEDGER_TABLE", "ledger"),
            ("QUEUE_URL", "http://aws.invalid/queue"),
            ("DEAD_LETTER_QUEUE_URL", "http://aws.invalid/dead-letters"),
        ]);
        // What is newer than this build is no less unreadable for waiting first.
        let consumer = Consumer::new("fuzzed", |_: Event<StoreEvent>| async {
            Ok::<_, Failure>(Work::did("read it"))
        })
        .newer_events_wait(Duration::ZERO);
        let host = Host::simulated(SystemClock, 1);
        let runtime = consumer.on(aws.clients(), &environment, host).expect("complete");
        let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let function = Self { aws, runtime, tokio: tokio.expect("a runtime") };
        // What is built once only is no matter of any batch's size.
        function.handle(&batch(&["no event", &envelope("evt_first")]));
        function
    }

    fn handle(&self, json: &str) -> Option<Outcome> {
        let batch: SqsEvent = serde_json::from_slice(json.as_bytes()).ok()?;
        let deadline = Timestamp::now() + Duration::from_secs(10);
        let response = self.tokio.block_on(self.runtime.handle(batch, deadline));
        let returned = response.batch_item_failures.into_iter().map(|f| f.item_identifier);
        Some(Outcome { returned: returned.collect(), sent: self.aws.take() })
    }
}

impl Outcome {
    /// The entries of requests to SQS of this name.
    fn entries(&self, operation: &str) -> Vec<&Value> {
        let requests = self.sent.iter().filter(|(name, _)| name == operation);
        requests.flat_map(|(_, input)| input["Entries"].as_array().into_iter().flatten()).collect()
    }
}

#[test]
fn samples_and_their_mutants() {
    let function = Function::start();
    let samples: Vec<Sample> = samples("batches").into_iter().chain(samples("events")).collect();
    for sample in &samples {
        println!("{}", sample.name);
        names_only_its_records(&function, &String::from_utf8_lossy(&sample.bytes));
    }
    let check = |mutant: &Mutant| names_only_its_records(&function, &mutant.text(&samples));
    bolero::check!().with_type::<Mutant>().for_each(check);
}

/// What Lambda does not know makes it deliver the whole batch again.
fn names_only_its_records(function: &Function, json: &str) {
    let outcome = BUDGET.hold(json.len(), || function.handle(json));
    let Some(outcome) = outcome else { return };
    // Not as a `Value`, which refuses numbers that are skipped here: 1e999.
    let batch: SqsEvent = serde_json::from_str(json).expect("it was handled");
    let id_of = |record: &SqsMessage| record.message_id.clone().unwrap_or_default();
    let known: Vec<_> = batch.records.iter().map(id_of).collect();
    for id in &outcome.returned {
        assert!(known.contains(id), "{id:?} is none of {known:?}");
    }
}

#[test]
fn bodies_fail_alone_and_are_kept_as_they_were() {
    let samples: Vec<Sample> = samples("envelopes").into_iter().chain(samples("bodies")).collect();
    let bodies = produce::<Vec<Mutant>>().with().len(1..4_usize);
    bolero::check!().with_generator(bodies).for_each(|mutants| {
        let mut bodies: Vec<String> = mutants.iter().map(|m| m.text(&samples)).collect();
        bodies.push(envelope("evt_beside_them"));
        // Each on a function that has applied nothing yet.
        are_sorted(&Function::start(), &bodies);
    });
}

/// What can be read is committed, and what can't be is a dead letter with the very body that came.
fn are_sorted(function: &Function, bodies: &[String]) {
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let outcome = function.handle(&batch(&bodies)).expect("a batch");
    let is_read =
        |body: &&str| from_body(body).and_then(|e| Event::<StoreEvent>::from_envelope(&e)).is_ok();
    let ids: Vec<_> =
        bodies.iter().filter_map(|body| Some(from_body(body).ok()?.event_id)).collect();
    if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
        // The same id twice: whether that is a repeat or a fraud is not this test's matter.
        return;
    }
    assert_eq!(outcome.returned, [""; 0]);
    let transactions = outcome.sent.iter().filter(|(name, _)| name == "TransactWriteItems");
    let committed = transactions.flat_map(|(_, t)| t["TransactItems"].as_array().expect("items"));
    assert_eq!(committed.count(), bodies.iter().filter(|body| is_read(body)).count());
    let letters = outcome.entries("SendMessageBatch").into_iter();
    let mut letters: Vec<_> = letters.map(|e| e["MessageBody"].as_str().unwrap_or("")).collect();
    let mut poison: Vec<_> = bodies.into_iter().filter(|body| !is_read(body)).collect();
    letters.sort_unstable();
    poison.sort_unstable();
    assert_eq!(letters, poison);
}

#[test]
fn neither_the_log_nor_a_dead_letter_s_reason_quotes_a_value() {
    let function = Function::start();
    let bodies = valid_bodies();
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    bolero::check!().with_type::<Secret>().for_each(|secret| {
        let mut body = secret.body(&bodies);
        // Ids are what a log is for.
        for id in ["correlationId", "traceparent"] {
            body.as_object_mut().into_iter().for_each(|fields| drop(fields.remove(id)));
        }
        let outcome = function.handle(&batch(&[&body.to_string()])).expect("a batch");
        let letters = outcome.entries("SendMessageBatch").into_iter();
        let reasons = letters.map(|entry| entry["MessageAttributes"].to_string());
        for text in reasons.chain([log.take()]) {
            assert!(!MARKS.iter().any(|mark| text.contains(mark)), "{text}");
        }
    });
}

/// What was logged since the last time.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn take(&self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().expect("nobody panics here"));
        String::from_utf8(bytes).expect("a log is text")
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics here").write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An envelope that every consumer of orders takes.
fn envelope(id: &str) -> String {
    let payload =
        json!({"orderId": "ord_1", "customerId": "cust_1", "items": [], "totalAmount": 1});
    let envelope = json!({"eventType": "OrderPlaced", "eventId": id,
                          "timestamp": "2024-01-15T10:30:00Z", "payload": payload});
    assert!(Envelope::from_json(&envelope.to_string()).is_ok());
    envelope.to_string()
}

/// A batch of messages with these bodies.
fn batch(bodies: &[&str]) -> String {
    let record = |(n, body): (usize, &&str)| {
        json!({"messageId": format!("message-{n}"), "receiptHandle": "r", "body": body,
               "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {},
               "eventSource": "aws:sqs"})
    };
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()}).to_string()
}
