//! Samples: what an event may look like, and what a function is invoked with.

use crate::Field;
use crate::declared::DeclaredEvent;
use serde_json::{Map, Value, json};

/// An event's payload, as JSON.
pub(crate) fn payload(event: &DeclaredEvent) -> Value {
    let members =
        event.fields.iter().filter_map(|field| Some((field.wire_name(), field.sample()?)));
    Value::Object(members.collect::<Map<_, _>>())
}

/// What Lambda hands to a consumer: a batch of one message, which holds the event's envelope.
pub(crate) fn batch(event: &DeclaredEvent) -> Value {
    let envelope = json!({
        "eventType": event.name,
        "eventId": "evt_sample_1",
        "timestamp": "2026-01-15T10:30:00Z",
        "schemaVersion": 1,
        "correlationId": event.fields.first().map(text),
        "payload": payload(event),
    });
    json!({"Records": [{
        "messageId": "00000000-0000-4000-8000-000000000001",
        "receiptHandle": "sample-receipt-1",
        "body": envelope.to_string(),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1768473000000",
            "ApproximateFirstReceiveTimestamp": "1768473000100",
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:sample",
        "awsRegion": "us-east-1",
    }]})
}

/// The text that a field's sample is where a text is needed.
pub(crate) fn text(field: &Field) -> String {
    let value = field.sample().unwrap_or_default();
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
