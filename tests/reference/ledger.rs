//! `docs/reference/ledger.md`: every attribute of a ledger record, and every outcome.

use crate::page::first_column;
use fanfare::Timestamp;
use fanfare::ledger::{Outcome, PastEffect, PastFailure, Record};

/// A record that has everything. Each outcome and each attribute is named here, so that a new one does not compile until it
/// is on the page.
fn full(outcome: Outcome) -> Record {
    let at = Timestamp::UNIX_EPOCH;
    Record {
        id: "alarms#evt_1".to_owned(),
        outcome,
        did: Some("rang".to_owned()),
        error: Some("no answer".to_owned()),
        attempts: 2,
        first_seen_at: at,
        finished_at: at,
        duration_micros: 1,
        traceparent: Some("00-1-1-01".to_owned()),
        digest: Some("d".to_owned()),
        failures: vec![PastFailure { at, attempt: 1, error: "no answer".to_owned() }],
        token: Some("t".to_owned()),
        lease_until: Some(1),
        effect: Some(PastEffect { digest: "d".to_owned(), result: "null".to_owned() }),
        expires_at: 1,
    }
}

#[test]
fn the_page_has_every_attribute_and_every_outcome_and_no_others() {
    let outcomes = [Outcome::Done, Outcome::Claimed, Outcome::Failed, Outcome::DeadLettered];
    let records = outcomes.map(|outcome| serde_json::to_value(full(outcome)).expect("JSON"));

    let mut named = first_column("ledger.md");

    for record in &records {
        let outcome = record["outcome"].as_str().expect("a text");
        assert!(named.remove(outcome), "{outcome} is not on the page");
    }
    let attributes: Vec<&String> =
        records[0].as_object().into_iter().flat_map(|o| o.keys()).collect();
    for attribute in attributes {
        assert!(named.remove(attribute), "{attribute} is not on the page");
    }
    assert!(named.is_empty(), "{named:?} is in no record");
}
