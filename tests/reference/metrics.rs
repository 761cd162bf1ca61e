//! `docs/reference/metrics.md`: every metric that the platform writes.

use crate::page::first_column;
use crate::sources::of_crates_in;
use std::collections::BTreeSet;

#[test]
fn the_page_has_the_metrics_that_the_code_writes_and_no_others() {
    let code = of_crates_in("shared");
    let calls = ["Metric::count(\"", "Metric::milliseconds(\""];
    let named = calls.iter().flat_map(|call| code.split(call).skip(1));
    let written: BTreeSet<String> =
        named.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect();
    assert_eq!(first_column("metrics.md"), written);
}
