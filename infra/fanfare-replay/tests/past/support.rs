//! A house with a past: rooms, their temperatures and alarms.

use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_bootstrap::Environment;
use fanfare_event::{Envelope, Timestamp};
use fanfare_event_store::EventStore;
use fanfare_local::{Options, Runner};
use fanfare_operate::{Connection, Progress, Target};
use fanfare_replay::Stack;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// A stack without functions.
pub(crate) struct Past {
    pub(crate) stack: Stack,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    store: EventStore,
    /// Ends the stack when dropped.
    runner: Runner,
}

impl Past {
    pub(crate) async fn start() -> Self {
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stack.yaml");
        let mut options = Options::new(template);
        (options.port, options.api_port) = (0, 0);
        let runner = Runner::start(options).await.unwrap();
        let target = Target::at(runner.endpoint());
        let connection = Connection::open(&target, &Environment::default()).await.unwrap();
        Self {
            store: connection.event_store().await.unwrap(),
            dynamodb: connection.dynamodb().clone(),
            sqs: connection.sqs().clone(),
            stack: Stack::at(connection),
            runner,
        }
    }

    pub(crate) fn url(&self, queue: &str) -> String {
        format!("{}/000000000000/fanfare-{queue}", self.runner.endpoint())
    }

    /// Appends events to the event store.
    pub(crate) async fn happened(&self, events: &[Envelope]) {
        for event in events {
            let put = self.store.put(event).unwrap();
            let put =
                self.dynamodb.put_item().table_name(put.table_name()).set_item(Some(put.item));
            put.send().await.unwrap();
        }
    }

    /// Notes in the ledger that a consumer has applied events, as the runtime does.
    pub(crate) async fn applied(&self, consumer: &str, events: &[Envelope]) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let number = |n: i64| AttributeValue::N(n.to_string());
        for event in events {
            let put = self.dynamodb.put_item().table_name("fanfare-Seen");
            let put = put
                .item("id", text(&fanfare::ledger::id(consumer, &event.event_id)))
                .item("outcome", text("done"))
                .item("attempts", number(1))
                .item("firstSeenAt", text("2024-01-15T10:30:00Z"))
                .item("finishedAt", text("2024-01-15T10:30:00Z"))
                .item("durationMicros", number(1))
                .item("expiresAt", number(i64::MAX));
            put.send().await.unwrap();
        }
    }
}

/// What happened in so many rooms some days ago, a second apart: each is added and measured, every other one has an
/// alarm.
pub(crate) fn past(rooms: usize) -> Vec<Envelope> {
    let lives = (0..rooms).flat_map(|room| {
        let types = ["RoomAdded", "TemperatureMeasured", "AlarmRaised"];
        let count = if room % 2 == 0 { 3 } else { 2 };
        types.into_iter().take(count).zip(1_u64..).map(move |(kind, version)| (room, kind, version))
    });
    let begun = Timestamp::now() - Duration::from_secs(3 * 24 * 60 * 60);
    let event = |(n, (room, event_type, version)): (usize, (usize, &str, u64))| {
        let json = json!({
            "eventType": event_type,
            "eventId": format!("evt_{room}_{version}"),
            "timestamp": begun + Duration::from_secs(n as u64),
            "stream": format!("room-room_{room}"),
            "version": version,
            "correlationId": format!("room_{room}"),
            "payload": {"room": format!("room_{room}")},
        });
        Envelope::from_json(&json.to_string()).unwrap()
    };
    lives.enumerate().map(event).collect()
}

/// Does something when something goes on.
pub(crate) struct When<A>(pub(crate) A);

impl<A: Fn() + Sync> Progress for When<A> {
    fn begin(&self, _: &'static str) {}
    fn expect(&self, _: u64) {}
    fn advance(&self, _: u64) {
        (self.0)();
    }
}
