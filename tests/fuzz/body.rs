//! Message bodies: an envelope as it is, or in SNS's notification of it.

use crate::corpus::samples;
use crate::envelope::{BUDGET, reads_back};
use crate::memory::Budget;
use crate::mutant::Mutant;
use consumer::testing::from_body;
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
    let wrapped = from_body(&body).and_then(|envelope| Ok(envelope.to_json()));
    let direct = event_schema::Envelope::from_json(message).and_then(|e| Ok(e.to_json()));
    match (wrapped, direct) {
        (Ok(wrapped), Ok(direct)) => {
            assert_eq!(wrapped.expect("it has JSON"), direct.expect("it has JSON"));
        }
        (Err(_), Err(_)) => {}
        (wrapped, _) => panic!("read in one form only; in a notification: {}", wrapped.is_ok()),
    }
}
