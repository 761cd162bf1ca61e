//! Spans: a trace goes on from function to function, and its export is nobody's business but the collector's.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod loopback;

use aws_lambda_events::sqs::SqsEvent;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use fanfare::{
    Clients, Consumer, Environment, Event, Failure, Host, Runtime, SystemClock, Timestamp, Work,
};
use loopback::{Server, nobody};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as AnyValue;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span};
use prost::Message;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const INCOMING: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const NO_DELAY: Duration = Duration::ZERO;

/// A function on an AWS of its own, with these variables beside the usual.
fn function(
    aws: &str,
    variables: &[(&str, &str)],
) -> Runtime<TemperatureMeasured, fanfare::NoEffect> {
    let queue = format!("{aws}/000000000000/readings");
    let usual = [
        ("LEDGER_TABLE", "ledger"),
        ("EVENTS_TABLE", "events"),
        ("QUEUE_URL", queue.as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", "fanfare-heating"),
    ];
    let environment = Environment::from_iter(usual.iter().chain(variables).copied());
    static SEED: AtomicU64 = AtomicU64::new(0);
    let chance = Host::simulated(SystemClock, SEED.fetch_add(1, Ordering::Relaxed));
    Consumer::new("heating", heat).on(clients(aws), &environment, chance).unwrap()
}

/// A room's temperature was measured.
#[fanfare::event(stream = "room-{room}", correlation = room)]
pub struct TemperatureMeasured {
    /// The room.
    pub room: String,
    /// The temperature, in degrees Celsius.
    pub celsius: i64,
}

/// A room is heated.
#[fanfare::event(stream = "heating-{room}", correlation = room)]
pub struct HeatingStarted {
    /// The room.
    pub room: String,
}

async fn heat(measured: Event<TemperatureMeasured>) -> Result<Work, Failure> {
    let TemperatureMeasured { room, celsius } = measured.payload;
    match celsius {
        0 => Err(Failure::permanent("the sensor is broken")),
        _ => Ok(Work::did("heats it")
            .announce(&HeatingStarted { room })
            .announce(&TemperatureMeasured { room: "cellar".to_owned(), celsius: 0 })),
    }
}

fn clients(aws: &str) -> Clients {
    macro_rules! config {
        ($service:ident) => {
            $service::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::from_static("eu-west-1"))
                .endpoint_url(aws)
                .allow_no_auth()
                .build()
        };
    }
    Clients {
        dynamodb: aws_sdk_dynamodb::Client::from_conf(config!(aws_sdk_dynamodb)),
        sqs: aws_sdk_sqs::Client::from_conf(config!(aws_sdk_sqs)),
    }
}

fn measured(id: &str, traceparent: Option<&str>, celsius: i64) -> Value {
    json!({"eventType": "TemperatureMeasured", "eventId": id, "timestamp": "2024-01-15T10:30:00Z",
           "correlationId": "attic", "traceparent": traceparent,
           "payload": {"room": "attic", "celsius": celsius}})
}

/// Has a function handle a batch, and gives how long that took.
async fn handle<P, Fx>(function: &Runtime<P, Fx>, bodies: &[Value]) -> Duration
where
    P: fanfare::Payload + Send + 'static,
    Fx: Send + 'static,
{
    let record = |(n, body): (usize, &Value)| {
        json!({"messageId": format!("message-{n}"), "receiptHandle": "r", "body": body.to_string(),
               "attributes": {"ApproximateReceiveCount": "3"}, "messageAttributes": {}})
    };
    let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
    let batch: SqsEvent = serde_json::from_value(json!({"Records": records})).unwrap();
    let began = Instant::now();
    drop(function.handle(batch, Timestamp::now() + Duration::from_secs(20)).await);
    began.elapsed()
}

/// The envelopes that were appended to the event store.
fn announced(aws: &Server) -> Vec<Value> {
    let requests = aws.requests().into_iter();
    let transactions = requests.filter(|r| r.head.contains("transactwriteitems"));
    let envelopes = transactions.flat_map(|request| {
        let input: Value = serde_json::from_slice(&request.body).unwrap();
        let items = input["TransactItems"].as_array().unwrap().clone();
        items.into_iter().filter_map(|item| {
            let envelope = item["Put"]["Item"]["envelope"]["S"].as_str()?.to_owned();
            Some(serde_json::from_str(&envelope).unwrap())
        })
    });
    envelopes.collect()
}

fn exported(collector: &Server) -> Vec<ResourceSpans> {
    let requests = collector.requests().into_iter();
    requests
        .flat_map(|request| {
            assert!(request.head.starts_with("post /v1/traces "), "{}", request.head);
            assert!(request.head.contains("content-type: application/x-protobuf"));
            ExportTraceServiceRequest::decode(&request.body[..]).unwrap().resource_spans
        })
        .collect()
}

fn spans(collector: &Server) -> Vec<Span> {
    let scopes = exported(collector).into_iter().flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

/// The spans of messages, by their ids; the others are of batches.
fn messages(collector: &Server) -> Vec<Span> {
    let id = |span: &Span| attribute(span, "messaging.message.id");
    let mut messages: Vec<_> = spans(collector).into_iter().filter(|s| id(s).is_some()).collect();
    messages.sort_by_key(id);
    messages
}

fn attribute(span: &Span, name: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == name)?;
    match found.value.clone()?.value? {
        AnyValue::StringValue(text) => Some(text),
        AnyValue::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_trace_goes_on_over_two_functions() {
    let (aws, collector) = (Server::start(NO_DELAY).await, Server::start(NO_DELAY).await);
    let endpoint = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str())];

    handle(&function(&aws.url, &endpoint), &[measured("evt_1", Some(INCOMING), 1)]).await;
    let first = messages(&collector).remove(0);
    assert_eq!(hex(&first.trace_id), TRACE);
    assert_eq!(hex(&first.parent_span_id), "00f067aa0ba902b7");

    // What it emitted names its span, and is handled as part of it by the next function.
    let emitted = announced(&aws);
    assert_eq!(emitted.len(), 2);
    for event in &emitted {
        let expected = format!("00-{TRACE}-{}-01", hex(&first.span_id));
        assert_eq!(event["traceparent"], expected, "{event}");
    }
    let next =
        emitted.into_iter().find(|event| event["eventType"] == "TemperatureMeasured").unwrap();
    handle(&function(&aws.url, &endpoint), &[next]).await;
    let second = messages(&collector).remove(1);
    assert_eq!(hex(&second.trace_id), TRACE);
    assert_eq!(second.parent_span_id, first.span_id);
    assert_ne!(second.span_id, first.span_id);
}

#[tokio::test]
async fn spans_say_what_happened_by_the_conventions_names_and_without_personal_data() {
    let (aws, collector) = (Server::start(NO_DELAY).await, Server::start(NO_DELAY).await);
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=open%20sesame"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
    ];
    let poison = json!({"eventType": "TemperatureMeasured", "secret": "Ada Lovelace"});

    let batch = [measured("evt_1", Some(INCOMING), 1), measured("evt_2", None, 0), poison];
    handle(&function(&aws.url, &variables), &batch).await;

    assert!(collector.requests()[0].head.contains("x-api-key: open sesame"));
    let resource = exported(&collector).remove(0).resource.unwrap();
    let names: Vec<_> = resource.attributes.iter().map(|a| a.key.as_str()).collect();
    for name in ["service.name", "faas.name", "deployment.environment.name"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let spans = spans(&collector);
    assert_eq!(spans.len(), 4);
    for span in &spans {
        assert_eq!(span.kind, 5, "a consumer's");
        assert_eq!(attribute(span, "messaging.system").as_deref(), Some("aws_sqs"));
        assert_eq!(attribute(span, "messaging.destination.name").as_deref(), Some("readings"));
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
    }
    let whole = spans.iter().find(|s| s.name == "process batch readings").unwrap();
    assert_eq!(attribute(whole, "messaging.batch.message_count").as_deref(), Some("3"));

    let messages = messages(&collector);
    let outcome = |n: usize| {
        let span = &messages[n];
        let said = span.status.clone().map(|status| status.message).unwrap_or_default();
        (attribute(span, "fanfare.outcome").unwrap(), attribute(span, "error.type"), said)
    };
    assert_eq!(outcome(0), ("done".to_owned(), None, String::new()));
    let (failed, permanent) = ("failed".to_owned(), Some("permanent".to_owned()));
    assert_eq!(outcome(1), (failed.clone(), permanent, "the sensor is broken".to_owned()));
    assert_eq!(outcome(2).0, failed);
    assert!(outcome(2).2.contains("missing field"), "{}", outcome(2).2);
    // An event of no trace is part of its batch's; one of another is linked to it.
    for untraced in &messages[1..] {
        assert_eq!(
            (&untraced.trace_id, &untraced.parent_span_id),
            (&whole.trace_id, &whole.span_id)
        );
    }
    assert_eq!(messages[0].links[0].span_id, whole.span_id);
    let everything = format!("{:?}", exported(&collector));
    assert!(!everything.contains("Lovelace") && !everything.contains("cust_ada"), "{everything}");
}

#[tokio::test]
async fn what_is_not_recorded_upstream_is_passed_on_so_and_not_exported() {
    let (aws, collector) = (Server::start(NO_DELAY).await, Server::start(NO_DELAY).await);
    let endpoint = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str())];
    let unrecorded = INCOMING.replace("-01", "-00");

    handle(&function(&aws.url, &endpoint), &[measured("evt_1", Some(&unrecorded), 1)]).await;

    assert_eq!(messages(&collector).len(), 0);
    let passed_on = announced(&aws)[0]["traceparent"].as_str().unwrap().to_owned();
    assert!(passed_on.starts_with(&format!("00-{TRACE}-")) && passed_on.ends_with("-00"));
}

#[tokio::test]
async fn without_an_endpoint_the_trace_goes_on_and_nothing_is_begun_for_it() {
    let (aws, collector) = (Server::start(NO_DELAY).await, Server::start(NO_DELAY).await);
    let threads = || std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count);
    // The SDK's own first call aside.
    handle(&function(&aws.url, &[]), &[measured("evt_0", None, 1)]).await;
    let before = threads();

    let function = function(&aws.url, &[("OTEL_SERVICE_NAME", "nobody-listens")]);
    handle(&function, &[measured("evt_1", Some(INCOMING), 1), measured("evt_2", None, 1)]).await;

    assert_eq!(threads(), before);
    assert_eq!(collector.requests().len(), 0);
    let parents: Vec<_> =
        announced(&aws).iter().map(|event| event["traceparent"].clone()).collect();
    assert_eq!(parents.iter().filter(|parent| parent.is_string()).count(), 2, "{parents:?}");
}

#[tokio::test]
async fn a_collector_that_is_down_or_hangs_neither_fails_nor_holds_up_a_batch() {
    let aws = Server::start(NO_DELAY).await;
    let hanging = Server::start(Duration::from_secs(60)).await;
    for url in [nobody().await, hanging.url.clone()] {
        let function = function(&aws.url, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &url)]);
        let committed = announced(&aws).len();
        let first = handle(&function, &[measured("evt_1", Some(INCOMING), 1)]).await;
        assert!(first < Duration::from_secs(5), "{url}: {first:?}");
        // After a failure nothing is tried for a while.
        let reached = hanging.requests().len();
        for n in 2..5 {
            handle(&function, &[measured(&format!("evt_{n}"), Some(INCOMING), 1)]).await;
        }
        assert_eq!(hanging.requests().len(), reached);
        assert_eq!(announced(&aws).len(), committed + 8);
    }
    assert_eq!(hanging.requests().len(), 1);
}
