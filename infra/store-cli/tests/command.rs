//! The store's commands as commands: what they refuse, and what they end with.

use std::process::{Command, Output};

/// Runs `fanfare-store` against an endpoint where nobody is.
fn store(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fanfare-store"));
    command.args(arguments).env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env_remove("AWS_PROFILE");
    command.output().expect("fanfare-store runs")
}

fn failed(arguments: &[&str]) -> String {
    let output = store(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    let said = String::from_utf8(output.stderr).expect("a text");
    assert_eq!(said.lines().count(), 1, "one line: {said}");
    said
}

#[test]
fn a_key_must_be_a_header_s_value() {
    let output = store(&["place", "orders.json", "--key", ""]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--key"));
}

#[test]
fn a_file_without_orders_places_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("orders.ndjson");
    let path = file.to_str().expect("a path in UTF-8");
    assert!(failed(&["place", path]).contains("orders.ndjson can't be read"));
    std::fs::write(&file, "{\"customerId\": \"cust_1\"}\n{").expect("written");
    assert!(failed(&["place", path]).contains("order 2 is not JSON"));
}

#[test]
fn help_has_examples_and_exit_codes() {
    for command in [&["demo"][..], &["place"], &["trace"], &["views", "rebuild"]] {
        let output = store(&[command, &["--help"]].concat());
        let help = String::from_utf8(output.stdout).expect("a text");
        assert!(help.contains("Example") && help.contains("Exit codes:"), "{command:?}: {help}");
    }
}
