//! Traces of any correlation id, in any stack.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_bootstrap::Environment;
use fanfare_event::Envelope;
use fanfare_local::{Options, Runner};
use fanfare_operate::{Connection, Standing, Target};
use serde_json::json;
use std::path::Path;

struct House {
    connection: Connection,
    _runner: Runner,
}

impl House {
    async fn start() -> Self {
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trace/stack.yaml");
        let mut options = Options::new(template);
        (options.port, options.api_port) = (0, 0);
        let runner = Runner::start(options).await.unwrap();
        let target = Target::at(runner.endpoint());
        let connection = Connection::open(&target, &Environment::default()).await.unwrap();
        Self { connection, _runner: runner }
    }

    /// Appends an event about a room.
    async fn happened(&self, event_type: &str, version: u64, degrees: i64) {
        let json = json!({
            "eventType": event_type, "eventId": format!("evt_{version}"),
            "timestamp": format!("2024-01-15T10:30:0{version}Z"), "stream": "room-7", "version": version,
            "correlationId": "room-7", "payload": {"degrees": degrees},
        });
        let store = self.connection.event_store().await.unwrap();
        let put = store.put(&Envelope::from_json(&json.to_string()).unwrap()).unwrap();
        let dynamodb = self.connection.dynamodb();
        let put = dynamodb.put_item().table_name(put.table_name()).set_item(Some(put.item));
        put.send().await.unwrap();
    }

    async fn applied(&self, ledger_id: &str) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let number = |n: i64| AttributeValue::N(n.to_string());
        let put = self.connection.dynamodb().put_item().table_name("fanfare-Seen");
        let put = put
            .item("id", text(ledger_id))
            .item("outcome", text("done"))
            .item("attempts", number(1))
            .item("firstSeenAt", text("2024-01-15T10:30:02Z"))
            .item("finishedAt", text("2024-01-15T10:30:02Z"))
            .item("durationMicros", number(1))
            .item("expiresAt", number(i64::MAX));
        put.send().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_about_a_thing_is_told_with_the_consumers_whose_policies_let_it_through() {
    let house = House::start().await;
    house.happened("RoomAdded", 1, 20).await;
    house.happened("TemperatureMeasured", 2, 41).await;
    house.applied("climate#evt_2").await;

    let trace = house.connection.trace("room-7").await.unwrap().unwrap();

    assert_eq!(trace.correlation_id, "room-7");
    let told: Vec<_> = trace
        .events
        .iter()
        .map(|event| {
            let of = event.consumers.iter().map(|one| (one.consumer.as_str(), one.outcome));
            (event.event_type.as_str(), of.collect::<Vec<_>>())
        })
        .collect();
    let expected = [
        ("RoomAdded", Vec::new()),
        ("TemperatureMeasured", vec![("bells", Standing::Pending), ("climate", Standing::Done)]),
    ];
    assert_eq!(told, expected);
    assert_eq!(house.connection.trace("room-8").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_consumer_dealt_with_is_told_as_far_as_the_ledger_was_read() {
    let house = House::start().await;
    for n in 0..4 {
        house.applied(&format!("climate#evt_{n}")).await;
        house.applied(&format!("climate-too#evt_{n}")).await;
    }
    let all = house.connection.handled("climate", 100).await.unwrap().unwrap();
    assert_eq!((all.handled.len(), all.looked_at, all.is_cut), (4, 8, false));
    assert!(all.handled.iter().all(|one| one.consumption.outcome == Standing::Done));

    let some = house.connection.handled("climate", 3).await.unwrap().unwrap();
    assert_eq!((some.looked_at, some.is_cut), (3, true));
    assert!(some.handled.len() <= 3);
}
