//! A reference page: the names in the first column of its tables.

use std::collections::BTreeSet;
use std::fs;
use system_tests::repository;

/// The names in code font in the first column of every table of `docs/reference/NAME.md`.
pub(crate) fn first_column(name: &str) -> BTreeSet<String> {
    names_in(&text(name))
}

/// The same of one section, up to the next heading of its level.
pub(crate) fn first_column_below(name: &str, heading: &str) -> BTreeSet<String> {
    let page = text(name);
    let (_, rest) = page.split_once(&format!("\n## {heading}\n")).expect("a section of this name");
    names_in(rest.split("\n## ").next().unwrap_or_default())
}

fn text(name: &str) -> String {
    fs::read_to_string(repository().join("docs/reference").join(name)).expect("a page of this name")
}

fn names_in(text: &str) -> BTreeSet<String> {
    let cells = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
}
