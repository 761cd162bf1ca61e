//! Batches of the table's stream, and what the relay reports of them.

use crate::aws::{Aws, Behaviour};
use aws_lambda_events::dynamodb::Event;
use fanfare_relay::relay;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// More than any of these tests needs.
pub(crate) const PLENTY: Duration = Duration::from_secs(30);

/// A batch of events, each given as its stream and the envelope that is published. Their sequence numbers count from 1.
pub(crate) fn batch(events: &[(&str, &str)]) -> Event {
    let one = |(n, (stream, envelope)): (usize, &(&str, &str))| record(n, stream, Some(envelope));
    let records: Vec<_> = (1..).zip(events).map(one).collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

/// A record of the table's stream; without an envelope it holds no event.
pub(crate) fn record(n: usize, stream: &str, envelope: Option<&str>) -> Value {
    let mut image = json!({ "stream": { "S": stream }, "eventType": { "S": "Measured" } });
    if let Some(envelope) = envelope {
        image["envelope"] = json!({ "S": envelope });
    }
    json!({
        "awsRegion": "eu-west-1", "eventID": "1", "eventName": "INSERT",
        "dynamodb": {
            "SequenceNumber": n.to_string(), "SizeBytes": 100,
            "Keys": { "stream": { "S": stream }, "version": { "N": "1" } },
            "NewImage": image,
        },
    })
}

/// Relays a batch in so much time, and gives the sequence number that is reported.
pub(crate) async fn relayed(aws: &Aws, batch: Event, time: Duration) -> Option<String> {
    let response = relay(batch, &aws.publisher, Instant::now() + time).await;
    let mut failures = response.batch_item_failures.into_iter();
    let first = failures.next().and_then(|failure| failure.item_identifier);
    assert!(failures.next().is_none(), "Lambda goes on from one place");
    first
}

#[tokio::test]
async fn an_event_is_published_in_its_tenant_s_group() {
    let aws = Aws::start(Behaviour::default()).await;
    let events = [("a", r#"{"tenant":"cust_1"}"#), ("b", r#"{"tenant":"no group"}"#), ("c", "{}")];

    assert_eq!(relayed(&aws, batch(&events), PLENTY).await, None);

    assert_eq!(aws.groups(), [Some("cust_1".to_owned()), None, None]);
}
