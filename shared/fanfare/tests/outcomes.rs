//! What a handler makes of an effect's outcome.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use event_schema::{CustomerId, CustomerRegistered};
use fanfare::testing::{World, event};
use fanfare::{Consumer, Failure, Key, Only, State, Table, Work, Write};
use fanfare_event::{Envelope, Event};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const BOOK: Table = Table::named_by("BOOK_TABLE");
const LIMITS: Table = Table::named_by("LIMITS_TABLE");

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Outcome {
    Charged { id: String },
    Declined { reason: String },
}

/// Charges a customer, and writes it down if the limit allows that. The answers come in this order; none is an
/// unknown outcome.
fn consumer(answers: &'static [Option<Answer>]) -> Consumer<CustomerRegistered, String> {
    let asked = AtomicUsize::new(0);
    let charge = move |_: String| {
        let answer = answers.get(asked.fetch_add(1, Relaxed)).copied().flatten();
        let outcome = answer.map(|answer| match answer {
            Answer::Charged(id) => Outcome::Charged { id: id.to_owned() },
            Answer::Declined(reason) => Outcome::Declined { reason: reason.to_owned() },
        });
        ready(outcome.ok_or_else(|| Failure::unknown("no answer")))
    };
    Consumer::with_effects("charging", |_| Vec::new(), decide, charge)
}

#[derive(Clone, Copy)]
enum Answer {
    Charged(&'static str),
    Declined(&'static str),
}

async fn decide(
    event: Event<CustomerRegistered>,
    _: State,
) -> Result<Work<String, Outcome>, Failure> {
    let key = Key::new("id", event.payload.customer_id.as_str());
    Ok(Work::act(event.payload.name, move |outcome| match outcome {
        Outcome::Charged { id } => Work::did("charged")
            .write(Write::put(BOOK, key.clone(), &json!({"charge": id}), Only::IfAbsent))
            .write(Write::count(LIMITS, key).at_least("left", 1).add("left", -1)),
        Outcome::Declined { reason } => Work::did(format!("declined: {reason}")),
    }))
}

fn registered() -> Envelope {
    let payload = CustomerRegistered {
        customer_id: CustomerId::new("ada").unwrap(),
        name: "Ada".to_owned(),
        email: "ada@example.com".to_owned(),
    };
    event("evt_1", &payload)
}

fn key() -> Key {
    Key::new("id", "ada")
}

#[test]
fn the_outcome_decides_what_is_written() {
    World::given(consumer(&[Some(Answer::Charged("ch_1"))]))
        .item(LIMITS, key(), json!({"left": 1}))
        .when(&registered())
        .then_did("charged")
        .then_item(BOOK, key(), json!({"charge": "ch_1"}));

    World::given(consumer(&[Some(Answer::Declined("no money"))]))
        .when(&registered())
        .then_did("declined: no money");
}

#[test]
fn an_unknown_outcome_is_asked_for_again() {
    let world = World::given(consumer(&[None, Some(Answer::Charged("ch_1"))]))
        .item(LIMITS, key(), json!({"left": 1}))
        .when(&registered())
        .then_failed(false, "no answer")
        .when(&registered())
        .then_did("charged");

    assert_eq!(world.effects(), ["Ada", "Ada"]);
}

#[test]
fn a_known_outcome_is_kept_until_what_follows_is_committed() {
    let world = World::given(consumer(&[Some(Answer::Charged("ch_1"))]))
        .when(&registered())
        .then_failed(false, "a condition does not hold")
        .item(LIMITS, key(), json!({"left": 1}))
        .when(&registered())
        .then_did("charged")
        .then_item(BOOK, key(), json!({"charge": "ch_1"}));

    assert_eq!(world.effects(), ["Ada"]);
}
