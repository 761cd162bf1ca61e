//! A second domain on the platform (`tests/social`), made by the generators: built, tested and run.

use super::{Greenhouse, cargo_in, fanfare_in};
use serde_json::Value;
use std::path::PathBuf;
use system_tests::{eventually, repository};

fn project() -> PathBuf {
    repository().join("tests/social")
}

/// What a command says of it, as JSON.
async fn says(runner: &Greenhouse, arguments: &[&str]) -> Value {
    let target = ["--json", "--endpoint", runner.aws.endpoint()];
    let (_, out, error) = fanfare_in(&project(), &[arguments, &target].concat()).await;
    let json = serde_json::from_str(&out);
    assert!(json.is_ok(), "{arguments:?} printed no JSON: {out}{error}");
    json.expect("JSON")
}

/// Announces an event, and waits until every consumer has dealt with it.
async fn send(runner: &Greenhouse, event: &str, payload: &str) {
    let send = ["send", event, payload, "--endpoint", runner.aws.endpoint()];
    let (status, _, error) = fanfare_in(&project(), &send).await;
    assert!(status.success(), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenth_follower_is_applauded_once() {
    cargo_in(&project(), &["test", "--locked"]).await;
    cargo_in(&project(), &["build", "--locked"]).await;
    let runner = Greenhouse::start_in(&project()).await;

    send(&runner, "Posted", r#"{"author":"ada","post":"post-1","text":"Notes on the engine"}"#)
        .await;
    // Ten follow, the first of them twice.
    for n in [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] {
        send(&runner, "Followed", &format!(r#"{{"author":"ada","follower":"follower-{n}"}}"#))
            .await;
    }

    let applauded = async || says(&runner, &["trace", "ada"]).await;
    let is_done = |trace: &Value| {
        let events = trace["events"].as_array().cloned().unwrap_or_default();
        let milestone = events.iter().find(|event| event["eventType"] == "MilestoneReached");
        milestone.is_some_and(|event| event["consumers"][0]["outcome"] == "done")
    };
    eventually("the applause", applauded, is_done).await;
    let applause = runner.aws.items("ApplauseTable").await;
    assert_eq!(applause.len(), 1, "{applause:?}");
    assert_eq!((&applause[0]["author"], &applause[0]["times"]), (&"ada".into(), &1.into()));
    let posts = runner.aws.items("PostsTable").await;
    assert_eq!(posts[0]["text"], "Notes on the engine", "{posts:?}");
    let authors = runner.aws.items("AuthorsTable").await;
    assert_eq!(authors[0]["followers"], 10, "{authors:?}");
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_template_is_clean() {
    let (status, out, error) = fanfare_in(&project(), &["lint", "template.yaml"]).await;
    assert!(status.success(), "{out}{error}");
}
