//! `docs/reference/work-and-failure.md`: all that a handler can answer, and what a dead letter says of itself.

use crate::page::first_column;
use fanfare::Failure;
use std::collections::BTreeSet;
use std::fs;
use system_tests::repository;

const PAGE: &str = "work-and-failure.md";

/// What a failure is called. A new one does not compile until it is on the page.
fn name(failure: &Failure) -> &'static str {
    match failure {
        Failure::Retry { .. } => "Retry",
        Failure::Busy { .. } => "Busy",
        Failure::Unavailable { .. } => "Unavailable",
        Failure::Unknown { .. } => "Unknown",
        Failure::Permanent { .. } => "Permanent",
    }
}

#[test]
fn every_failure_is_on_the_page() {
    let page = first_column(PAGE);
    let failures = [
        Failure::retry(""),
        Failure::busy(""),
        Failure::unavailable("", ""),
        Failure::unknown(""),
        Failure::permanent(""),
    ];
    for failure in &failures {
        assert!(page.contains(name(failure)), "{} is missing", name(failure));
    }
}

#[test]
fn every_part_of_a_work_is_on_the_page() {
    let page = first_column(PAGE);
    let api = fs::read_to_string(repository().join("docs/api/fanfare.txt")).expect("readable");
    let of_work = api.lines().filter_map(|line| line.strip_prefix("pub fn fanfare::Work<Fx, R>::"));
    let verbs: BTreeSet<&str> = of_work.filter_map(|rest| rest.split(['(', '<']).next()).collect();
    assert!(verbs.len() > 5, "{verbs:?}");
    let missing: Vec<_> =
        verbs.iter().filter(|verb| **verb != "fmt" && !page.contains(**verb)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_attribute_of_a_dead_letter_is_on_the_page_and_no_others() {
    let file = repository().join("shared/fanfare/src/dead_letter.rs");
    let sending = fs::read_to_string(file).expect("readable");
    let texts =
        sending.split('"').filter(|text| text.starts_with("fanfare.") && !text.contains(' '));
    let written: BTreeSet<String> =
        texts.filter(|text| *text != "fanfare.").map(str::to_owned).collect();
    let told: BTreeSet<String> =
        first_column(PAGE).into_iter().filter(|name| name.starts_with("fanfare.")).collect();
    assert_eq!(told, written);
}
