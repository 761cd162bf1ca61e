//! An outage of hours: nothing is given up for it, and what does not need what is out of order does not wait.

use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::oracle::letters::{is_unknown, usurped_at};
use crate::queues::{Message, Origin};
use serde_json::Value;

/// How old a message may be that needs nothing of what is out of order: a few retries among all the other faults.
const PROMPT_MS: i64 = 30 * 60 * 1000;

/// Checks, while faults still strike, that no healthy message is dead.
pub(crate) fn given_up_for_an_outage(cloud: &Cloud) {
    for pair in &cloud.queues {
        let usurped = usurped_at(cloud, pair);
        let is_healthy =
            |letter: &Message| matches!(&letter.origin, Origin::Event(id) if !usurped.contains(id));
        let letters = pair.dead_letters.messages().into_iter();
        for letter in letters.filter(|letter| is_healthy(letter) && !is_unknown(letter)) {
            let what = format!("{} gave up on {:?} for an outage", pair.consumer, letter.origin);
            cloud.history.violation(format!("{what}: {}", letter.attributes));
        }
    }
}

/// Checks, at the end of a long outage, that what does not need what was out of order has not waited for it.
pub(crate) fn waited_in_vain(cloud: &Cloud, outage: Fault) {
    let (consumer, needs_nothing): (_, &[&str]) = match outage {
        Fault::MailOutage => ("email", &["CustomerRegistered", "CustomerUpdated"]),
        Fault::ChargeOutage => ("payment", &["OrderCancellationRequested", "OrderTimedOut"]),
        _ => return,
    };
    let now = cloud.time.now().as_millisecond();
    for message in cloud.pair(consumer).queue.messages() {
        let event: Value = serde_json::from_str(&message.body).unwrap_or_default();
        let event_type = event["eventType"].as_str().unwrap_or_default();
        let is_healthy = matches!(message.origin, Origin::Event(_));
        if is_healthy && needs_nothing.contains(&event_type) && now - message.sent_at > PROMPT_MS {
            let what = format!("{consumer}'s {event_type} waited for nothing that it needs");
            cloud.history.violation(format!("{what}: {message:?}"));
        }
    }
}
