//! What is built and what is tested are compiled from the same dependencies, with the same features.

use std::collections::BTreeSet;
use std::process::Command;
use system_tests::repository;

/// Each package of the tree of what is selected with its features, over these kinds of dependencies. What runs while others
/// are compiled may have other features than what is in programs, so a package may be there twice.
fn packages(selected: &[String], kinds: &str) -> BTreeSet<String> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .arg("tree")
        .args(selected)
        .args(["--locked", "--offline", "--prefix", "none"])
        .args(["--edges", kinds, "--format", "{p} with {f}"])
        .current_dir(repository())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

/// What selects all of the workspace.
fn workspace() -> Vec<String> {
    vec!["--workspace".to_owned()]
}

/// What selects the packages that `make run` builds, as make would run it.
fn built_to_run() -> Vec<String> {
    let output = Command::new("make")
        .args(["--dry-run", "--no-print-directory", "local"])
        .env_remove("MAKEFLAGS")
        .current_dir(repository())
        .output()
        .expect("make runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let command = String::from_utf8(output.stdout).expect("text");
    let words = command.split_whitespace().map(str::to_owned);
    let selected: Vec<String> = words.skip_while(|word| word != "--package").collect();
    assert!(selected.len() > 20, "make builds little: {command}");
    selected
}

#[test]
fn tests_add_no_features_to_what_is_built() {
    let built = packages(&workspace(), "normal,build");
    let tested = packages(&workspace(), "normal,build,dev");

    let otherwise: Vec<&String> = built.difference(&tested).collect();

    assert!(
        otherwise.is_empty(),
        "tests compile these anew, with more features: add those to tests/unified-features/Cargo.toml: {otherwise:#?}"
    );
}

#[test]
fn what_make_run_builds_is_not_compiled_again_for_the_tests() {
    let to_run = packages(&built_to_run(), "normal,build");
    let tested = packages(&workspace(), "normal,build,dev");

    let otherwise: Vec<&String> = to_run.difference(&tested).collect();

    assert!(
        otherwise.is_empty(),
        "tests compile these anew, with more features: add those to tests/unified-features/Cargo.toml: {otherwise:#?}"
    );
}

#[test]
fn a_new_project_compiles_dependencies_as_this_one_does() {
    let profile = |path: &str| {
        let text = std::fs::read_to_string(repository().join(path)).expect("a readable file");
        let (_, profile) = text.split_once("[profile.dev.package]").expect("a profile");
        profile.to_owned()
    };

    let here = profile(".cargo/config.toml");

    assert_eq!(here, profile("infra/fanfare-new/templates/project/cargo-config.toml.txt"));
}

#[test]
fn strangers_projects_lock_what_this_one_locks_so_that_nothing_is_compiled_twice() {
    let locked = |path: &str| -> BTreeSet<String> {
        let text = std::fs::read_to_string(repository().join(path)).expect("a lock file");
        let packages = text.split("[[package]]").filter(|package| package.contains("\nsource ="));
        packages
            .map(|package| package.trim().lines().take(2).collect::<Vec<_>>().join(" "))
            .collect()
    };
    let ours = locked("Cargo.lock");
    for project in ["tests/outside", "tests/social"] {
        let theirs = locked(&format!("{project}/Cargo.lock"));

        let others: Vec<&String> = theirs.difference(&ours).collect();

        assert!(
            others.is_empty(),
            "copy Cargo.lock to {project} and build there: it locks others: {others:#?}"
        );
    }
}
