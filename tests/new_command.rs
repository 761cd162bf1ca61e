//! `fanfare new` in a project that it did not begin: the store's own, of which a copy is changed.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::Path;
use std::process::{Command, Output};
use system_tests::{program, repository};

/// What `fanfare new` looks at of the store.
const PARTS: [&str; 3] = ["infra/template.yaml", "events/catalogue.json", "Cargo.toml"];
const EVENTS: &str = "shared/event-schema";

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    if from.is_dir() {
        for entry in from.read_dir().unwrap() {
            let path = entry.unwrap().path();
            copy(&path, &to.join(path.file_name().unwrap()));
        }
    } else {
        std::fs::copy(from, to).unwrap();
    }
}

fn store() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in PARTS.into_iter().chain([EVENTS]) {
        copy(&repository().join(part), &folder.path().join(part));
    }
    folder
}

fn fanfare(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program("fanfare")).current_dir(folder).args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

const LOYALTY: [&str; 5] = ["new", "consumer", "loyalty", "--on", "OrderPlaced"];

#[test]
fn a_consumer_of_the_store_is_watched_listed_and_shown_as_the_others_are() {
    let store = store();
    let template = store.path().join("infra/template.yaml");
    let before = std::fs::read_to_string(&template).unwrap();

    out(&fanfare(store.path(), &LOYALTY));

    let after = std::fs::read_to_string(&template).unwrap();
    let kept = |line: &str| after.contains(line);
    assert!(before.lines().all(kept), "every line of it is still there");
    for line in [
        "    loyalty: { events: [OrderPlaced] }",
        "        eventType: !FindInMap [Subscriptions, loyalty, events]",
        "              - !Join [\"=\", [loyalty, !Join [\",\", !FindInMap [Subscriptions, loyalty, events]]]]",
        "      CodeUri: ../target/lambda/loyalty",
        "  LoyaltyFailuresAlarm:",
        "      AlarmDescription: \"loyalty: invocations are throttled. RUNBOOK: throttles.\"",
    ] {
        assert!(after.contains(line), "{line} is missing");
    }
    let everything = ["lint", "infra/template.yaml", "--parameter", "AlarmEmail=a@b.c"];
    let linted = fanfare(store.path(), &everything);
    assert!(linted.status.success(), "{}", String::from_utf8_lossy(&linted.stdout));
    assert_widgets(&after);
}

/// The dashboard is JSON still, and its widgets do not lie upon each other.
fn assert_widgets(template: &str) {
    let (_, body) = template.split_once("DashboardBody: !Sub |\n").unwrap();
    let (body, _) = body.split_once("\n\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let widgets = body["widgets"].as_array().unwrap();
    let title = |widget: &serde_json::Value| widget["properties"]["title"].to_string();
    let own: Vec<_> = widgets.iter().filter(|one| title(one).contains("loyalty")).collect();
    assert_eq!(own.len(), 4, "{body}");
    let mut places: Vec<_> = widgets.iter().map(|w| (w["x"].as_u64(), w["y"].as_u64())).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), widgets.len(), "no two are at one place");
}

#[test]
fn a_dry_run_prints_the_diff_and_typing_it_twice_changes_nothing() {
    let store = store();
    let template = store.path().join("infra/template.yaml");
    let before = std::fs::read_to_string(&template).unwrap();

    let diff = out(&fanfare(store.path(), &[&LOYALTY[..], &["--dry-run"]].concat()));
    assert!(diff.contains("+  LoyaltyQueue:"), "{diff}");
    assert!(!diff.lines().any(|line| line.starts_with('-') && !line.starts_with("---")), "{diff}");
    assert_eq!(std::fs::read_to_string(&template).unwrap(), before);

    out(&fanfare(store.path(), &LOYALTY));
    let once = std::fs::read_to_string(&template).unwrap();
    let again = out(&fanfare(store.path(), &LOYALTY));
    assert!(again.contains("There is nothing to do"), "{again}");
    assert_eq!(std::fs::read_to_string(&template).unwrap(), once);
}
