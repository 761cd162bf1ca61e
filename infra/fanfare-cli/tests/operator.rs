//! The operator's commands as commands: what they refuse, and what they end with.

use std::os::unix::fs::PermissionsExt;
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
    assert!(refused(&["dlq", "purge", "climate", "--yes"]).contains("--why"));
}

#[test]
fn wrong_arguments_are_refused_by_name() {
    assert!(refused(&["dlq", "redrive", "climate", "--rate", "0"]).contains("--rate"));
    assert!(refused(&["dlq", "redrive", "climate", "--edit", "--dry-run"]).contains("--dry-run"));
    assert!(refused(&["trace", ""]).contains("expected 1 to 1024 bytes"));
    let resumed = ["replay", "--consumer", "climate", "--force", "--resume", "0.1.room-7"];
    assert!(refused(&resumed).contains("--replay-id"));
}

#[test]
fn an_endpoint_where_nobody_is_is_one_line() {
    let unanswered =
        "http://127.0.0.1:9 does not answer: does `fanfare up`, or the emulator, run there?";
    assert!(failed(&["queues"]).contains(unanswered));
    assert!(failed(&["trace", "room-7"]).contains(unanswered));
    assert!(failed(&["dlq", "ls", "--endpoint", "nowhere"]).contains("\"nowhere\" is no endpoint"));
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
    for command in ["dlq", "queues", "trace", "replay", "export"] {
        let output = fanfare(&[command, "--help"]);
        let help = String::from_utf8(output.stdout).expect("a text");
        assert!(help.contains("Examples:") && help.contains("Exit codes:"), "{command}: {help}");
    }
}

#[test]
fn a_command_that_is_a_program_of_its_own_is_found_run_and_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("fanfare-greet");
    std::fs::write(&program, "#!/bin/sh\necho \"hello $*\"\nexit 7\n").expect("written");
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("changed");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fanfare"));
        let path = format!("{}:/usr/bin:/bin", folder.path().display());
        command.args(arguments).env("PATH", path).output().expect("fanfare runs")
    };

    let greeted = run(&["greet", "the", "--house"]);
    assert_eq!(greeted.status.code(), Some(7), "its exit code is passed on");
    assert_eq!(greeted.stdout, b"hello the --house\n");
    assert_eq!(run(&["help", "greet"]).stdout, b"hello --help\n");
    let help = String::from_utf8(run(&["--help"]).stdout).expect("a text");
    assert!(help.contains("greet") && help.contains("fanfare-greet"), "{help}");
    let wrong = run(&["gret"]);
    assert_eq!(wrong.status.code(), Some(2));
    let said = String::from_utf8(wrong.stderr).expect("a text");
    assert!(said.contains("unrecognized subcommand") && said.contains("'greet'"), "{said}");
}

#[test]
fn what_the_stack_s_resources_are_for_is_asked_of_a_template() {
    let folder = tempfile::tempdir().expect("a folder");
    let fanfare = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fanfare"));
        let command = command.args(arguments).args(["--region", "eu-central-1"]);
        // No endpoint: AWS itself, which is not reached before the template is read.
        let keys = [("AWS_ACCESS_KEY_ID", "none"), ("AWS_SECRET_ACCESS_KEY", "none")];
        let output = command.envs(keys).env_remove("AWS_ENDPOINT_URL").current_dir(folder.path());
        let output = output.output().expect("fanfare runs");
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).expect("a text")
    };
    let said = fanfare(&["trace", "room-7"]);
    assert!(
        said.contains("no template.yaml or infra/template.yaml") && said.contains("--template"),
        "{said}"
    );
    std::fs::write(folder.path().join("template.yaml"), "Resources: {}\n").expect("written");
    let said = fanfare(&["trace", "room-7"]);
    assert!(said.contains("is the event store") && said.contains("Role: event-store"), "{said}");
    let said = fanfare(&["trace", "room-7", "--template", "nowhere.yaml"]);
    assert!(said.contains("nowhere.yaml can't be read"), "{said}");
}
