//! Somebody who sends other content under the id of an event.

use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::queues::Origin;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// How much dearer an order is made.
pub(crate) const TAMPERED_BY: u64 = 1_000_000;

/// How rarely it is looked whether an event was handled, through an outage of hours.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// Sends the other content once the event was handled.
pub(crate) async fn tamper_late(
    cloud: Arc<Cloud>,
    consumer: &'static str,
    id: String,
    event: Value,
) {
    let event_id = Origin::Event(id.clone());
    let mut pause = Duration::from_secs(1);
    while !cloud.pair(consumer).queue.has_handled(&event_id) {
        sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
        if cloud.is_over() {
            return;
        }
    }
    tamper(&cloud, consumer, id, event, true);
}

/// Sends the other content: whichever is handled first is the true one.
pub(crate) fn tamper(cloud: &Cloud, consumer: &str, event: String, mut content: Value, late: bool) {
    let total = content["payload"]["totalAmount"].as_u64().unwrap_or(0);
    content["payload"]["totalAmount"] = (total + TAMPERED_BY).into();
    cloud.faults.count(Fault::Tampered);
    let delay = Duration::from_millis(cloud.faults.chance().magnitude(1..=5_000));
    let origin = Origin::Tampered { event, late };
    cloud.pair(consumer).queue.send(cloud, content.to_string(), json!({}), origin, delay);
}
