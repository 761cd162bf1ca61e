//! Invoking functions: directly, over HTTP, too long, in vain.

use std::time::{Duration, Instant};

use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::support::{Probe, is_alive};

async fn call(
    method: Method,
    url: String,
    headers: &[(&str, &str)],
    body: &str,
) -> (http::response::Parts, Value) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::from(body.to_owned())).expect("a request");
    let (parts, body) = client.request(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts, serde_json::from_slice(&body).unwrap_or_default())
}

async fn invoke(
    probe: &Probe,
    function: &str,
    how: &str,
    event: Value,
) -> (http::response::Parts, Value) {
    let url = format!("{}/2015-03-31/functions/{function}/invocations", probe.runner.endpoint());
    call(Method::POST, url, &[("X-Amz-Invocation-Type", how)], &event.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_is_known_by_every_name_it_has_and_its_process_is_used_again() {
    let probe = Probe::start().await;
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:http-probe".replace(':', "%3A");
    let mut pids = Vec::new();
    for name in ["http-probe", "HttpFunction", &arn, "http-probe:$LATEST"] {
        let (parts, answer) = invoke(&probe, name, "RequestResponse", json!({"do": "who"})).await;
        assert_eq!(
            (parts.status.as_u16(), &answer["region"]),
            (200, &json!("us-east-1")),
            "{name}: {answer}"
        );
        pids.push(answer["pid"].clone());
    }
    assert!(pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
    assert_eq!(invoke(&probe, "nobody", "RequestResponse", json!({})).await.0.status, 404);
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_crashes_and_timeouts_are_lambdas_own() {
    let probe = Probe::start().await;
    for (told, error_type, message) in [
        ("fail", "", "told to fail"),
        ("crash", "Runtime.ExitError", "signal: 6"),
        ("sleep", "Sandbox.Timedout", "Task timed out after 1.00 seconds"),
    ] {
        let (parts, error) =
            invoke(&probe, "HttpFunction", "RequestResponse", json!({"do": told})).await;
        assert_eq!(parts.headers["x-amz-function-error"], "Unhandled", "{told}: {error}");
        let text = error["errorMessage"].as_str().unwrap_or_default();
        assert!(text.contains(message), "{told}: {error}");
        assert!(error_type.is_empty() || error["errorType"] == error_type, "{told}: {error}");
    }
    let (_, answer) =
        invoke(&probe, "HttpFunction", "RequestResponse", json!({"still": "there"})).await;
    assert_eq!(answer, json!({"still": "there"}));
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_invocation_is_accepted_at_once() {
    let probe = Probe::start().await;
    let (parts, _) = invoke(&probe, "HttpFunction", "Event", json!({"later": 1})).await;
    assert_eq!(parts.status, 202);
    probe.logged(r#"{"later":1}"#).await;
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_does_not_start_fails_at_once_with_its_last_words() {
    let probe = Probe::start().await;
    let (_, error) = invoke(&probe, "RefusingFunction", "RequestResponse", json!({})).await;
    assert_eq!(error["errorType"], "Runtime.ExitError", "{error}");
    assert!(
        error["errorMessage"].as_str().is_some_and(|text| text.contains("exit status: 1")),
        "{error}"
    );
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_http_front_routes_and_answers() {
    let probe = Probe::start().await;
    let url = |path: &str| format!("{}{path}", probe.runner.api_url());
    let (parts, answer) = call(Method::POST, url("/items/a%20b"), &[], "hello").await;
    assert_eq!(
        (parts.status.as_u16(), &parts.headers["x-probe"]),
        (201, &"yes".parse().expect("a value"))
    );
    assert_eq!(
        answer,
        json!({"route": "POST /items/{id}", "parameters": {"id": "a b"}, "body": "hello"})
    );
    let (parts, answer) = call(Method::GET, url("/items/7"), &[], "").await;
    assert_eq!((parts.status.as_u16(), answer), (404, json!({"message": "Not Found"})));
    let (parts, _) = call(Method::POST, url("/items/7"), &[], &"x".repeat(7 * 1024 * 1024)).await;
    assert_eq!(parts.status, 413);
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sent_mail_is_in_the_mailbox() {
    use aws_sdk_ses::types::{Body, Content, Destination, Message};
    let probe = Probe::start().await;
    let content = |text: &str| Content::builder().data(text).build().expect("content");
    let body = Body::builder().text(content("Größe & Preis")).html(content("<p>hi</p>")).build();
    let message = Message::builder().subject(content("Your order")).body(body).build();
    let to = Destination::builder().to_addresses("kim@example.com").build();
    let sent = probe
        .ses()
        .send_email()
        .source("shop@example.com")
        .destination(to)
        .message(message)
        .send()
        .await;
    let id = sent.expect("sent").message_id;
    let (_, mails) =
        call(Method::GET, format!("{}/_fanfare/mailbox", probe.runner.endpoint()), &[], "").await;
    let mail = &mails[0];
    assert_eq!((&mail["id"], &mail["subject"]), (&json!(id), &json!("Your order")));
    assert_eq!(
        (&mail["from"], &mail["to"]),
        (&json!("shop@example.com"), &json!(["kim@example.com"]))
    );
    assert_eq!((&mail["text"], &mail["html"]), (&json!("Größe & Preis"), &json!("<p>hi</p>")));
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_runner_tells_what_it_runs_under_which_names() {
    let probe = Probe::start().await;
    let endpoint = probe.runner.endpoint();

    let (_, told) = call(Method::GET, format!("{endpoint}/_fanfare/stack"), &[], "").await;

    assert_eq!(
        (&told["stack"], &told["apiUrl"]),
        (&json!("probe"), &json!(probe.runner.api_url()))
    );
    let resources = told["resources"].as_array().expect("resources");
    let queue = resources.iter().find(|one| one["logicalId"] == "OtherQueue").expect("a queue");
    let expected = json!({
        "logicalId": "OtherQueue",
        "type": "AWS::SQS::Queue",
        "name": "probe-OtherQueue",
        "arn": "arn:aws:sqs:us-east-1:000000000000:probe-OtherQueue",
        "url": format!("{endpoint}/000000000000/probe-OtherQueue"),
    });
    assert_eq!(queue, &expected);
    let failures = json!([{"queue": "DeadLetters", "owner": "stream"}]);
    assert_eq!(told["roles"]["failureQueues"], failures, "the stream's mapping sends them there");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_takes_no_time_and_leaves_no_process() {
    let probe = Probe::start().await;
    let (_, answer) = invoke(&probe, "HttpFunction", "RequestResponse", json!({"do": "who"})).await;
    invoke(&probe, "HttpFunction", "Event", json!({"do": "sleep"})).await;
    let pids: Vec<u32> = probe
        .runner
        .statistics()
        .functions
        .iter()
        .flat_map(|function| function.processes.iter().map(|process| process.pid))
        .collect();
    assert!(pids.iter().any(|pid| json!(pid) == answer["pid"]), "{pids:?}");
    assert!(pids.iter().all(|pid| is_alive(*pid)));
    let began = Instant::now();
    probe.stop().await.expect("stopped");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(pids.iter().all(|pid| !is_alive(*pid)), "{pids:?}");
}
