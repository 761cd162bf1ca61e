//! `docs/reference/environment.md`: every variable that the code reads.

use crate::page::first_column;
use crate::sources::of_crates_in;
use std::collections::BTreeSet;

/// Texts that look like variables: `CAPITALS_WITH_LINES`. What cargo sets when it compiles is none.
fn looks_like_a_variable(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.contains('_')
        && !text.starts_with('_')
        && text.chars().all(fits)
        && !text.starts_with("CARGO_")
}

/// In a crate that functions are built of, whatever looks like a variable is one.
fn read_by_functions() -> BTreeSet<String> {
    let code = of_crates_in("shared");
    let texts = code.split('"').skip(1);
    texts.filter(|text| looks_like_a_variable(text)).map(str::to_owned).collect()
}

/// The command speaks of many constants of AWS: a variable is what it asks the environment for.
fn read_by_the_command() -> BTreeSet<String> {
    let code = of_crates_in("infra");
    let calls = [
        "environment.optional(\"",
        "environment.required(\"",
        "environment.parsed(\"",
        "var_os(\"",
    ];
    let read = calls.iter().flat_map(|call| code.split(call).skip(1));
    read.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn every_variable_that_the_code_reads_is_on_the_page() {
    let page = first_column("environment.md");
    let mut read = read_by_functions();
    read.extend(read_by_the_command());
    assert!(read.len() > 20, "{read:?}");
    let missing: Vec<_> = read.difference(&page).collect();
    assert!(missing.is_empty(), "docs/reference/environment.md lacks {missing:?}");
}

#[test]
fn the_page_has_no_variable_that_nobody_reads() {
    // The AWS SDK reads these.
    let by_the_sdk =
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"];
    let code = of_crates_in("shared") + &of_crates_in("infra");
    let dead = first_column("environment.md").into_iter().filter(|name| {
        *name != "*_TABLE"
            && !by_the_sdk.contains(&name.as_str())
            && !code.contains(&format!("\"{name}\""))
    });
    let dead: Vec<_> = dead.collect();
    assert!(dead.is_empty(), "{dead:?}");
}
