//! What is built and what is tested are compiled from the same dependencies, with the same features.

use std::collections::BTreeSet;
use std::process::Command;
use system_tests::repository;

/// Each package of the workspace's tree with its features, over these kinds of dependencies. What runs while others are
/// compiled may have other features than what is in programs, so a package may be there twice.
fn packages(kinds: &str) -> BTreeSet<String> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--workspace", "--locked", "--offline", "--prefix", "none"])
        .args(["--edges", kinds, "--format", "{p} with {f}"])
        .current_dir(repository())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

#[test]
fn tests_add_no_features_to_what_is_built() {
    let built = packages("normal,build");
    let tested = packages("normal,build,dev");

    let otherwise: Vec<&String> = built.difference(&tested).collect();

    assert!(
        otherwise.is_empty(),
        "tests compile these anew, with more features: add those to tests/unified-features/Cargo.toml: {otherwise:#?}"
    );
}
