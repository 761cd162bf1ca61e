//! The operator's commands as commands: what they refuse, and what they end with.

use std::process::{Command, Output};

/// Runs `fanfare` against an endpoint where nobody is.
fn fanfare(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fanfare"));
    command.args(arguments).env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env_remove("AWS_PROFILE");
    command.output().expect("fanfare runs")
}

fn refused(arguments: &[&str]) -> String {
    let output = fanfare(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).expect("a text")
}

fn failed(arguments: &[&str]) -> String {
    let output = fanfare(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    let said = String::from_utf8(output.stderr).expect("a text");
    assert_eq!(said.lines().count(), 1, "one line: {said}");
    said
}

#[test]
fn a_purge_asks_for_a_reason() {
    assert!(refused(&["dlq", "purge", "email", "--yes"]).contains("--why"));
}

#[test]
fn wrong_arguments_are_refused_by_name() {
    assert!(refused(&["dlq", "redrive", "email", "--rate", "0"]).contains("--rate"));
    assert!(refused(&["dlq", "redrive", "email", "--edit", "--dry-run"]).contains("--dry-run"));
    assert!(refused(&["trace", "no order"]).contains("orderId must be"));
    assert!(refused(&["place", "orders.json", "--key", ""]).contains("--key"));
    let resumed = ["replay", "--consumer", "views", "--force", "--resume", "0.1.order-ord_1"];
    assert!(refused(&resumed).contains("--replay-id"));
}

#[test]
fn an_endpoint_where_nobody_is_is_one_line() {
    assert!(failed(&["queues"]).contains("listing the queues failed"));
    assert!(failed(&["trace", "ord_1"]).contains("listing the tables failed"));
    assert!(failed(&["dlq", "ls", "--endpoint", "nowhere"]).contains("\"nowhere\" is no endpoint"));
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
fn every_shell_gets_its_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = fanfare(&["completions", shell]);
        assert!(output.status.success(), "{shell}");
        let script = String::from_utf8(output.stdout).expect("a text");
        assert!(script.contains("redrive") && script.contains("dry-run"), "{shell}");
    }
}

#[test]
fn help_has_examples_and_exit_codes() {
    for command in ["dlq", "queues", "trace", "place"] {
        let output = fanfare(&[command, "--help"]);
        let help = String::from_utf8(output.stdout).expect("a text");
        assert!(help.contains("Examples:") && help.contains("Exit codes:"), "{command}: {help}");
    }
}
