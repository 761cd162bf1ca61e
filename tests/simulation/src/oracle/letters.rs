//! Messages: none waits, none is lost, and only those are dead that nothing can help.

use crate::cloud::{Cloud, Pair, consumers};
use crate::oracle::streams::Streams;
use crate::queues::{Message, Origin};
use crate::services::Bell;
use crate::tables::{self, LEDGER, text};
use crate::workload::Expected;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Events of which a consumer took another content, that came before the true one: consumer and event.
pub(crate) type Usurped = BTreeSet<(&'static str, String)>;

/// Checks the queues, and gives the events that were usurped.
pub(crate) fn check(cloud: &Cloud, expected: &Expected, streams: &Streams, bell: &Bell) -> Usurped {
    let mut usurped = Usurped::new();
    for pair in &cloud.queues {
        let of_pair = usurped_at(cloud, pair);
        letters(cloud, pair, &of_pair, bell);
        usurped.extend(of_pair.into_iter().map(|event| (pair.consumer, event)));
    }
    ledger(cloud, streams);
    bells(cloud, expected, bell);
    usurped
}

/// The events of which the other content is not among the dead letters: it must have been applied.
pub(crate) fn usurped_at(cloud: &Cloud, pair: &Pair) -> BTreeSet<String> {
    let dead: BTreeSet<_> = pair.dead_letters.messages().into_iter().map(|m| m.body).collect();
    let mut usurped = BTreeSet::new();
    for (body, origin) in pair.queue.sent() {
        match origin {
            Origin::Tampered { event, late } if !dead.contains(&body) => {
                if late {
                    let what = format!("{} took other content of {event}", pair.consumer);
                    cloud.history.violation(what);
                }
                usurped.insert(event);
            }
            Origin::Poison if !dead.contains(&body) => {
                cloud.history.violation(format!("{} lost the poison {body}", pair.consumer));
            }
            _ => {}
        }
    }
    for (body, origin) in pair.queue.sent() {
        let Origin::Event(event) = origin else { continue };
        if usurped.contains(&event) && !dead.contains(&body) {
            cloud.history.violation(format!("{} applied {event} in two contents", pair.consumer));
        }
    }
    usurped
}

fn letters(cloud: &Cloud, pair: &Pair, usurped: &BTreeSet<String>, bell: &Bell) {
    for letter in pair.dead_letters.messages() {
        match &letter.origin {
            Origin::Event(id) if is_unknown(&letter) && bell.rang_for(id) => {}
            Origin::Event(id) if letter.parked && !usurped.contains(id) => {
                let what = format!("{} gave up on the healthy {id}", pair.consumer);
                cloud.history.violation(format!("{what}: {}", letter.attributes));
            }
            Origin::Event(id) if !usurped.contains(id) => {
                cloud.history.violation(format!("{} never got {id} done", pair.consumer));
            }
            _ => {}
        }
        let reason = &letter.attributes["fanfare.error"]["StringValue"];
        if letter.parked && reason.as_str().is_none_or(str::is_empty) {
            cloud.history.violation(format!("a letter without a reason: {letter:?}"));
        }
    }
}

/// Whether nobody could know whether the letter's effect happened.
pub(crate) fn is_unknown(letter: &Message) -> bool {
    !letter.attributes["fanfare.claim"].is_null()
}

/// The bell rang for every order; more than once, and it would have said so.
fn bells(cloud: &Cloud, expected: &Expected, bell: &Bell) {
    for placed in expected.orders.iter().filter(|placed| !bell.rang_for(&placed.event)) {
        cloud.history.violation(format!("the bell never rang for {}", placed.event));
    }
}

/// Every event of the event store is done by everybody who subscribes to it.
fn ledger(cloud: &Cloud, streams: &Streams) {
    for (consumer, types) in consumers() {
        let is_heard =
            |event: &&Value| event["eventType"].as_str().is_some_and(|t| types.contains(&t));
        for event in streams.values().flatten().filter(is_heard) {
            let id = event["eventId"].as_str().unwrap_or_default();
            let key = json!({"id": {"S": format!("{consumer}#{id}")}});
            let record = tables::get(&cloud.database, LEDGER, &key);
            // What became of an effect of unknown outcome was found out by a look at the bell. That it is dead may
            // not have reached the ledger.
            let outcome = text(&record, "outcome");
            let looked = consumer == "ringing" && ["dead-lettered", "claimed"].contains(&outcome);
            if outcome != "done" && !looked {
                let violation =
                    format!("the ledger does not say that {consumer} did {id}: {record}");
                cloud.history.violation(violation);
            }
        }
    }
}
