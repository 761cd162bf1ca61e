//! The sample event files: each function takes its own, as it stands.

use serde_json::{Value, json};
use std::process::Command;
use system_tests::{Store, program, repository};

/// Calls a function with a sample file by the `fanfare` command, and gives its answer.
fn invoke(endpoint: &str, name: &str, file: &str) -> Value {
    let output = Command::new(program("fanfare"))
        .args(["invoke", name, "--data-file", &format!("events/{file}"), "--endpoint", endpoint])
        .current_dir(repository())
        .output()
        .expect("fanfare runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the answer is JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_function_takes_its_sample_file() {
    let store = Store::start(&[]).await;
    let endpoint = store.aws.endpoint().to_owned();
    store.stock("mug", 100).await;
    store.stock("teapot", 100).await;

    for name in ["inventory", "shipping", "analytics"] {
        let answer = invoke(&endpoint, name, &format!("{name}.json"));
        assert_eq!(answer, json!({"batchItemFailures": []}), "{name}");
    }
    // The mails need their customer, whose event is in the same batch: what came too early fails once.
    invoke(&endpoint, "email", "email.json");
    assert_eq!(invoke(&endpoint, "email", "email.json"), json!({"batchItemFailures": []}));
    assert_eq!(store.runner.get("/_fanfare/mailbox").await.body.as_array().map(Vec::len), Some(2));

    // The record that is no event goes to the dead-letter queue; the two beside it are counted.
    let poison = invoke(&endpoint, "analytics", "poison.json");
    assert_eq!(poison, json!({"batchItemFailures": []}));
    assert_eq!(store.aws.depth("AnalyticsDeadLetters").await, 1);

    invoke(&endpoint, "analytics", "duplicate.json");
    // 2 of analytics.json, 2 good ones beside the poison, and the duplicate once.
    let sales = store.api.get("/analytics/sales?from=2026-01-15&to=2026-01-15").await.body;
    assert_eq!(sales["total"]["orders"], 5);

    for name in ["relay", "payment", "checkout", "views"] {
        let answer = invoke(&endpoint, name, &format!("{name}.json"));
        assert_eq!(answer, json!({"batchItemFailures": []}), "{name}");
    }
    let swept = json!({"timedOut": 0, "stalled": 0, "refundLooks": 0, "left": 0});
    assert_eq!(invoke(&endpoint, "sweep", "sweep.json"), swept, "nothing waits for so long");
    store.price("mug", 1250).await;
    let placed = invoke(&endpoint, "api", "api.json");
    assert_eq!(placed["statusCode"], 202, "{placed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_function_or_file_is_an_error_that_names_it() {
    let store = Store::start(&[]).await;
    for (name, file) in [("nobody", "events/api.json"), ("api", "events/nothing.json")] {
        let output = Command::new(program("fanfare"))
            .args(["invoke", name, "--data-file", file, "--endpoint", store.aws.endpoint()])
            .current_dir(repository())
            .output()
            .expect("fanfare runs");
        assert_eq!(output.status.code(), Some(1));
        let said = [output.stdout, output.stderr].concat();
        let wrong = if name == "nobody" { "nobody" } else { "events/nothing.json" };
        assert!(String::from_utf8_lossy(&said).contains(wrong));
    }
}
