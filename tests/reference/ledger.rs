//! `docs/reference/ledger.md`: every attribute of a ledger record, and every outcome.

use crate::page::first_column_below;
use fanfare::Timestamp;
use fanfare::ledger::{Outcome, PastEffect, PastFailure, Record};
use std::collections::BTreeSet;
use std::fs;
use system_tests::repository;

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
        tries: 1,
        begun: 1,
        claims: 1,
        token: Some("t".to_owned()),
        lease_until: Some(1),
        effect: Some(PastEffect { digest: "d".to_owned(), result: "null".to_owned() }),
        expires_at: 1,
    }
}

#[test]
fn the_page_has_every_attribute_of_a_record_and_no_others() {
    let record = serde_json::to_value(full(Outcome::Done)).expect("JSON");
    let attributes = record.as_object().into_iter().flat_map(|record| record.keys());
    let attributes: BTreeSet<String> = attributes.cloned().collect();
    assert_eq!(first_column_below("ledger.md", "A record"), attributes);
}

#[test]
fn the_page_has_every_outcome_and_no_others() {
    let outcomes = [Outcome::Done, Outcome::Claimed, Outcome::Failed, Outcome::DeadLettered];
    let names = outcomes.map(|outcome| match outcome {
        Outcome::Done => "done",
        Outcome::Claimed => "claimed",
        Outcome::Failed => "failed",
        Outcome::DeadLettered => "dead-lettered",
    });
    let mut told = first_column_below("ledger.md", "Outcomes");
    told.remove("outcome");
    assert_eq!(told, BTreeSet::from(names.map(str::to_owned)));
    for (outcome, name) in outcomes.iter().zip(names) {
        assert_eq!(serde_json::to_value(outcome).expect("JSON"), name);
    }
}

#[test]
fn the_page_has_every_attribute_of_a_command_s_key_and_no_others() {
    let file = repository().join("shared/fanfare-http/src/commands/key.rs");
    let code = fs::read_to_string(file).expect("readable");
    let (_, fields) = code.split_once("struct KeyRecord {").expect("the record");
    let fields = fields.split('}').next().unwrap_or_default().lines();
    let names = fields.filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name);
    let names = names.filter(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
    let attributes: BTreeSet<String> = names.map(camel_case).collect();
    assert_eq!(first_column_below("ledger.md", "Keys of commands"), attributes);
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_').map(str::to_owned);
    let first = words.next().unwrap_or_default();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(1);
        name + &initial.to_uppercase() + rest
    })
}
