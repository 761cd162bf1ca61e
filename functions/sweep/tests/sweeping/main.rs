//! The sweep, against a DynamoDB on this machine that fails as the test says.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

mod dynamodb;
mod failures;
mod telling;
mod time;

use dynamodb::DynamoDb;
use event_schema::OrderId;
use fanfare_bootstrap::Environment;
use fanfare_event::Timestamp;
use read_models::sagas::{Mark, Wait};
use serde_json::Value;
use std::time::Duration;
use sweep::{Sweep, Swept};
use tokio::time::Instant;

/// A time that is enough for everything.
pub(crate) const PLENTY: Duration = Duration::from_secs(60);

/// The sweep of the table, at the nth minute of the day.
pub(crate) async fn swept(table: &DynamoDb, minute: i64, time: Duration) -> Swept {
    let settings = [("SAGAS_TABLE", "sagas"), ("EVENTS_TABLE", "events")];
    let environment = Environment::from_iter(settings);
    let sweep = Sweep::on(table.client(), &environment).unwrap();
    sweep.run(at(minute), Instant::now() + time).await
}

pub(crate) fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
}

/// An order's saga that has waited for this for a day: the key, the partition, and since when.
pub(crate) fn waiting(order: &str, wait: Wait) -> (String, String, i64) {
    let since = at(-24 * 60);
    let mark = Mark::since(&OrderId::new(order).unwrap(), wait, since);
    let Value::Object(mark) = serde_json::to_value(mark).unwrap() else { unreachable!() };
    (order.to_owned(), mark["open"].as_str().unwrap().to_owned(), since.as_millisecond())
}
