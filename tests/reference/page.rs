//! A reference page: the names in the first column of its tables.

use std::collections::BTreeSet;
use std::fs;
use system_tests::repository;

/// The names in code font in the first column of every table of `docs/reference/NAME.md`.
pub(crate) fn first_column(name: &str) -> BTreeSet<String> {
    let path = repository().join("docs/reference").join(name);
    let page = fs::read_to_string(&path).expect("a page of this name");
    let cells = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
}
