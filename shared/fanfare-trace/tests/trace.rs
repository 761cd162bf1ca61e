//! What a trace shows, made of events and ledger records.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use fanfare::Envelope;
use fanfare::ledger::Record;
use fanfare_trace::{Subscriptions, expected, put_together};
use serde_json::json;
use std::collections::HashMap;

fn measured() -> Envelope {
    let json = json!({"eventType": "Measured", "eventId": "evt_1", "timestamp": "2024-01-15T10:30:00Z",
                      "correlationId": "room-7", "payload": {}});
    Envelope::from_json(&json.to_string()).unwrap()
}

#[test]
fn every_subscribed_consumer_is_shown_done_or_not() {
    let subscriptions =
        Subscriptions::parse("S", "climate=Measured;billing=Measured;other=Else").unwrap();
    let record: Record = serde_json::from_value(json!({
        "id": "climate#evt_1", "outcome": "done", "did": "switched on", "attempts": 2,
        "firstSeenAt": "2024-01-15T10:30:00.250Z", "finishedAt": "2024-01-15T10:30:00.250Z",
        "durationMicros": 1500, "expiresAt": 0
    }))
    .unwrap();
    let records = HashMap::from([(record.id.clone(), record)]);

    let shown = json!(put_together("room-7", &[measured()], &subscriptions, &records));

    assert_eq!(expected(&[measured()], &subscriptions), ["climate#evt_1", "billing#evt_1"]);
    assert_eq!(shown["correlationId"], "room-7");
    assert_eq!(
        shown["events"][0]["consumers"],
        json!([
            {"consumer": "climate", "outcome": "done", "attempts": 2, "did": "switched on", "afterMs": 250,
             "durationMs": 1.5, "firstSeenAt": "2024-01-15T10:30:00.25Z",
             "finishedAt": "2024-01-15T10:30:00.25Z"},
            {"consumer": "billing", "outcome": "pending", "attempts": 0},
        ])
    );
}

#[test]
fn a_malformed_list_of_subscriptions_is_refused() {
    let error = Subscriptions::parse("SUBSCRIPTIONS", "climate").expect_err("no types");
    assert!(error.to_string().starts_with("environment variable SUBSCRIPTIONS"), "{error}");
}
