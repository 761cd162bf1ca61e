//! Templates as public projects write them, one a folder of `tests/families`, each with its small program: they start as
//! they are, and do what they are for.

use std::path::Path;

use fanfare_local::{Options, Runner};
use serde_json::{Value, json};

use crate::support::{http, sqs, until};

async fn start(family: &str) -> Runner {
    let families = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/families");
    let mut options = Options::new(families.join(family).join("template.yaml"));
    options.port = 0;
    options.api_port = 0;
    Runner::start(options).await.expect("it starts unmodified")
}

/// What a function answers, and whether that is an error.
async fn invoke(runner: &Runner, function: &str, event: Value) -> (Value, bool) {
    let path = format!("/2015-03-31/functions/{function}/invocations");
    let (head, body) = http(runner.endpoint(), "POST", &path, &event.to_string()).await;
    let failed = head.to_ascii_lowercase().contains("x-amz-function-error");
    (serde_json::from_str(&body).expect("JSON"), failed)
}

/// Of three messages one fails: it alone ends in the dead-letter queue.
async fn one_of_a_batch_fails_alone(family: &str) {
    let runner = start(family).await;
    let outputs = &runner.stack().outputs;
    let (queue, dead_letters) = (&outputs["QueueUrl"], &outputs["DeadLetterQueueUrl"]);
    let sqs = sqs(runner.endpoint());
    for body in [r#"{"ok":true,"n":1}"#, r#"{"ok":false,"n":2}"#, r#"{"ok":true,"n":3}"#] {
        sqs.send_message().queue_url(queue).message_body(body).send().await.expect("sent");
    }

    let dead = until("the dead letter", async || {
        let received = sqs.receive_message().queue_url(dead_letters).wait_time_seconds(1);
        received.send().await.expect("received").messages?.pop()
    })
    .await;

    assert_eq!(dead.body(), Some(r#"{"ok":false,"n":2}"#));
    let mapping = &runner.statistics().mappings[0];
    assert_eq!((mapping.records, mapping.failed_records), (3, 1));
    runner.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_a_batch_fails_alone_in_python() {
    one_of_a_batch_fails_alone("sqs-partial-batch-python").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_a_batch_fails_alone_in_node() {
    one_of_a_batch_fails_alone("sqs-partial-batch-node").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_is_answered_by_python_and_by_node() {
    for family in ["http-api-python", "http-api-node"] {
        let runner = start(family).await;
        let (head, body) = http(runner.api_url(), "GET", "/hello/Ada", "").await;
        assert!(head.starts_with("HTTP/1.1 200"), "{family}: {head} {body}");
        let said: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(said, json!({"message": "Hello Ada from fanfare-HelloFunction"}), "{family}");
        runner.stop().await.expect("stopped");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn code_in_the_template_runs_and_its_errors_are_lambda_s() {
    let runner = start("inline-code").await;
    let greet = json!({"name": "Ada"});

    let python = invoke(&runner, "PythonFunction", greet.clone()).await;
    let node = invoke(&runner, "NodeFunction", greet.clone()).await;
    let module = invoke(&runner, "NodeModuleFunction", greet).await;
    assert_eq!(python, (json!({"greeting": "Hello Ada"}), false));
    assert_eq!(node, (json!({"greeting": "Hello Ada\n"}), false));
    assert_eq!(module, (json!({"greeting": "Hello Ada"}), false));

    let (error, failed) = invoke(&runner, "PythonFunction", json!({})).await;
    assert!(failed && error["errorType"] == "KeyError", "{error}");
    assert!(error["stackTrace"].is_array(), "{error}");
    let (error, failed) = invoke(&runner, "NodeModuleFunction", json!({})).await;
    assert!(failed && error["errorType"] == "TypeError", "{error}");
    assert_eq!(error["errorMessage"], "nobody");
    runner.stop().await.expect("stopped");
}
