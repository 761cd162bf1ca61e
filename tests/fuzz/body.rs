//! Message bodies: an envelope as it is, or in SNS's notification of it.

use crate::corpus::samples;
use crate::envelope::{BUDGET, reads_back};
use crate::memory::Budget;
use crate::mutant::Mutant;
use fanfare::Envelope;
use fanfare::testing::from_body;
use serde_json::json;

#[test]
fn the_corpus() {
    for sample in samples("bodies").into_iter().chain(samples("envelopes")) {
        println!("{}", sample.name);
        let body = String::from_utf8_lossy(&sample.bytes);
        holds(&body);
        is_the_same_wrapped(&body);
    }
}

#[test]
fn mutants() {
    let samples = samples("bodies");
    bolero::check!().with_type::<Mutant>().for_each(|mutant| holds(&mutant.text(&samples)));
}

#[test]
fn mutants_in_a_notification() {
    let samples = samples("envelopes");
    let check = |mutant: &Mutant| is_the_same_wrapped(&mutant.text(&samples));
    bolero::check!().with_type::<Mutant>().for_each(check);
}

/// All that must hold of a text that claims to be a body.
fn holds(body: &str) {
    // The text of a notification is there beside what it holds.
    let budget = Budget { per_byte: BUDGET.per_byte + 1, ..BUDGET };
    if let Ok(envelope) = budget.hold(body.len(), || from_body(body)) {
        reads_back(&envelope);
    }
}

/// A notification is read as what it holds, unless that is a notification itself: SNS wraps once.
fn is_the_same_wrapped(message: &str) {
    let body = json!({"Type": "Notification", "MessageId": "m", "Message": message}).to_string();
    holds(&body);
    let json = |envelope: Envelope| envelope.to_json().expect("what was read can be written");
    assert_eq!(from_body(&body).ok().map(json), Envelope::from_json(message).ok().map(json));
}
