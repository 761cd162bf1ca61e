//! Messages: none waits, none is lost, and only those are dead that nothing can help.

use crate::cloud::{Cloud, SUBSCRIPTIONS};
use crate::queues::Origin;
use crate::tables::{self, LEDGER, text};
use crate::workload::Expected;
use serde_json::json;

pub(crate) fn check(cloud: &Cloud, expected: &Expected) {
    for pair in &cloud.queues {
        let letters = pair.dead_letters.messages();
        for letter in &letters {
            match &letter.origin {
                Origin::Event(id) if letter.parked => {
                    let what = format!("{} gave up on the healthy {id}", pair.consumer);
                    cloud.history.violation(format!("{what}: {}", letter.attributes));
                }
                Origin::Event(id) => {
                    cloud.history.violation(format!("{} never got {id} done", pair.consumer));
                }
                Origin::Poison | Origin::Tampered => {}
            }
        }
        for (body, origin) in pair.queue.sent() {
            let hopeless = matches!(origin, Origin::Poison | Origin::Tampered);
            if hopeless && !letters.iter().any(|letter| letter.body == body) {
                cloud.history.violation(format!("{} lost {origin:?} {body}", pair.consumer));
            }
        }
    }
    for (consumer, types) in SUBSCRIPTIONS {
        let orders = expected.orders.iter().map(|placed| &placed.event);
        let customers = &expected.customer_events;
        let takes_customers = types.contains(&"CustomerRegistered");
        for id in orders.chain(customers.iter().filter(|_| takes_customers)) {
            let key = json!({"id": {"S": format!("{consumer}#{id}")}});
            let record = tables::get(&cloud.database, LEDGER, &key);
            if text(&record, "outcome") != "done" {
                let violation = format!("the ledger does not say that {consumer} did {id}: {record}");
                cloud.history.violation(violation);
            }
        }
    }
}
