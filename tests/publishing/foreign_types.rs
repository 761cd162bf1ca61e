//! Types of other people's crates in the public API: each is a promise about somebody else's versions, so each crate
//! that leaks is on the list of `docs/api/foreign.md`, with a reason.

use crate::workspace::platform;
use std::collections::BTreeSet;
use std::fs;
use system_tests::repository;

/// Crates whose names begin a path in these lines: the standard library and the platform's own left aside.
fn foreign(api: &str) -> BTreeSet<String> {
    api.lines().flat_map(roots).filter(|root| !is_known(root)).collect()
}

/// The first segment of every path in a line.
fn roots(line: &str) -> impl Iterator<Item = String> {
    let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let paths = words.map(|word| word.trim_start_matches(':'));
    paths.filter_map(|path| {
        let (root, _) = path.split_once("::")?;
        root.starts_with(|c: char| c.is_ascii_lowercase()).then(|| root.to_owned())
    })
}

fn is_known(root: &str) -> bool {
    matches!(root, "alloc" | "core" | "std") || root.split('_').next() == Some("fanfare")
}

/// What may leak, from the table of `docs/api/foreign.md`: the crate of the platform, the other's, and why.
fn allowed() -> Vec<(String, String, String)> {
    let page = fs::read_to_string(repository().join("docs/api/foreign.md")).expect("readable");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', ""));
        let mut next = || cells.next().expect("three columns");
        (next(), next(), next())
    });
    cells.collect()
}

#[test]
fn foreign_types_in_a_public_api_are_on_the_list_and_the_list_has_no_others() {
    let mut leaks = BTreeSet::new();
    for package in platform() {
        let golden = repository().join("docs/api").join(format!("{}.txt", package.name));
        let Ok(api) = fs::read_to_string(golden) else { continue };
        leaks.extend(foreign(&api).into_iter().map(|other| (package.name.clone(), other)));
    }
    let allowed = allowed();
    let listed: BTreeSet<_> =
        allowed.iter().map(|(ours, other, _)| (ours.clone(), other.clone())).collect();
    assert_eq!(leaks, listed, "docs/api/foreign.md and the public APIs differ");
    assert!(allowed.iter().all(|(.., why)| !why.is_empty()), "each leak has its reason");
}

#[test]
fn every_crate_that_keeps_semver_has_its_api_written_down() {
    for package in platform() {
        let targets = package.manifest["targets"].as_array().expect("targets");
        let is_library = targets.iter().any(|target| {
            let kinds = target["kind"].as_array().into_iter().flatten();
            kinds.into_iter().any(|kind| kind == "lib" || kind == "proc-macro")
        });
        let is_internal = package.text("version").starts_with("0.0.")
            || package.manifest["metadata"]["fanfare"]["library"] == "internal";
        let keeps_semver = is_library && !is_internal;
        let golden = repository().join("docs/api").join(format!("{}.txt", package.name));
        assert_eq!(golden.exists(), keeps_semver, "{}", golden.display());
    }
}

#[test]
fn a_path_in_a_line_of_an_api_is_found_by_its_root() {
    let line = "pub fn fanfare::A::b(&self, jiff::Timestamp) -> core::option::Option<&aws_x::C>";
    assert_eq!(foreign(line), BTreeSet::from(["aws_x".to_owned(), "jiff".to_owned()]));
}
