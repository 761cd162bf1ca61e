//! What a handler makes of an effect's outcome.

use fanfare::testing::{event, given};
use fanfare::{Consumer, Envelope, Event, Failure, Key, Only, State, Table, Work, Write};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const BOOK: Table = Table::named_by("BOOK_TABLE");
const LIMITS: Table = Table::named_by("LIMITS_TABLE");

/// A guest wants to leave, and to pay before.
#[fanfare::event(stream = "guest-{guest}", correlation = guest)]
pub struct BillRequested {
    /// Who it is.
    pub guest: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Outcome {
    Charged { id: String },
    Declined { reason: String },
}

/// Charges a guest, and writes it down if the limit allows that. The answers come in this order; none is an
/// unknown outcome.
fn consumer(answers: &'static [Option<Answer>]) -> Consumer<BillRequested, String> {
    let asked = AtomicUsize::new(0);
    let charge = move |_: String| {
        let answer = answers.get(asked.fetch_add(1, Relaxed)).copied().flatten();
        let outcome = answer.map(|answer| match answer {
            Answer::Charged(id) => Outcome::Charged { id: id.to_owned() },
            Answer::Declined(reason) => Outcome::Declined { reason: reason.to_owned() },
        });
        ready(outcome.ok_or_else(|| Failure::unknown("no answer")))
    };
    Consumer::with_effects("charging", |_| Vec::new(), decide, charge).tables([BOOK, LIMITS])
}

#[derive(Clone, Copy)]
enum Answer {
    Charged(&'static str),
    Declined(&'static str),
}

async fn decide(event: Event<BillRequested>, _: State) -> Result<Work<String, Outcome>, Failure> {
    let key = Key::new("id", event.payload.guest.clone());
    Ok(Work::act(event.payload.guest, move |outcome| match outcome {
        Outcome::Charged { id } => Work::did("charged")
            .write(Write::put(BOOK, key.clone(), &json!({"charge": id}), Only::IfAbsent))
            .write(Write::count(LIMITS, key).at_least("left", 1).add("left", -1)),
        Outcome::Declined { reason } => Work::did(format!("declined: {reason}")),
    }))
}

fn requested() -> Envelope {
    event("evt_1", &BillRequested { guest: "ada".to_owned() })
}

fn key() -> Key {
    Key::new("id", "ada")
}

#[test]
fn the_outcome_decides_what_is_written() {
    given(consumer(&[Some(Answer::Charged("ch_1"))]))
        .item(LIMITS, key(), json!({"left": 1}))
        .when(&requested())
        .then_did("charged")
        .then_item(BOOK, key(), json!({"charge": "ch_1"}));

    given(consumer(&[Some(Answer::Declined("no money"))]))
        .when(&requested())
        .then_did("declined: no money");
}

#[test]
fn an_unknown_outcome_is_asked_for_again() {
    let world = given(consumer(&[None, Some(Answer::Charged("ch_1"))]))
        .item(LIMITS, key(), json!({"left": 1}))
        .when(&requested())
        .then_failed(false, "no answer")
        .when(&requested())
        .then_did("charged");

    assert_eq!(world.effects(), ["ada", "ada"]);
}

#[test]
fn a_known_outcome_is_kept_until_what_follows_is_committed() {
    let world = given(consumer(&[Some(Answer::Charged("ch_1"))]))
        .when(&requested())
        .then_failed(false, "a condition does not hold")
        .item(LIMITS, key(), json!({"left": 1}))
        .when(&requested())
        .then_did("charged")
        .then_item(BOOK, key(), json!({"charge": "ch_1"}));

    assert_eq!(world.effects(), ["ada"]);
}
