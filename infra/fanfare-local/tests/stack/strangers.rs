//! Web pages, and whoever else is no program of this machine, at each port; and what would kill a parser.

use tokio::net::TcpStream;

use crate::support::{Probe, address, raw};

/// Where the Runtime API of the first process is, as only that process was told.
fn runtime_api(probe: &Probe) -> String {
    let functions = probe.runner.statistics().functions;
    let process = functions.iter().flat_map(|function| &function.processes).next();
    let pid = process.expect("a process").pid;
    let environment = std::fs::read_to_string(format!("/proc/{pid}/environ")).expect("readable");
    let known = environment.split('\0').find_map(|set| set.strip_prefix("AWS_LAMBDA_RUNTIME_API="));
    known.expect("it was told").to_owned()
}

async fn invoke_once(probe: &Probe) {
    let address = address(probe.runner.endpoint());
    let head = format!(
        "POST /2015-03-31/functions/HttpFunction/invocations HTTP/1.1\r\nHost: {address}\r\n"
    );
    assert!(raw(address, &head, r#"{"do":"who"}"#).await.contains("pid"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_port_refuses_a_foreign_host_origin_and_page() {
    let probe = Probe::start().await;
    invoke_once(&probe).await;
    let runtime_api = runtime_api(&probe);
    let (endpoint, api) = (address(probe.runner.endpoint()), address(probe.runner.api_url()));
    for (port, request) in [
        (endpoint, "GET /_fanfare/mailbox"),
        (endpoint, "POST /"),
        (endpoint, "POST /2015-03-31/functions/HttpFunction/invocations"),
        (api, "POST /items/1"),
        (api, "OPTIONS /items/1"),
        (&runtime_api, "GET /2018-06-01/runtime/invocation/next"),
    ] {
        for (host, header, named) in [
            ("rebound.example.com", "", "Host"),
            (port, "Origin: https://example.com\r\n", "Origin"),
            (port, "Origin: null\r\n", "Origin"),
            (port, "Origin: http://localhost:3000\r\n", "Origin"),
            (port, "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site"),
            (port, "Sec-Fetch-Site: same-site\r\n", "Sec-Fetch-Site"),
        ] {
            let head = format!("{request} HTTP/1.1\r\nHost: {host}\r\n{header}");
            let answer = raw(port, &head, r#"{"do":"who"}"#).await;
            assert!(answer.starts_with("HTTP/1.1 403"), "{head}: {answer}");
            assert!(answer.contains(&format!("\"detail\":\"{named}: ")), "{head}: {answer}");
        }
    }
    assert!(probe.log().is_empty(), "nothing was invoked");
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invocation_is_given_to_nobody_who_only_found_the_port() {
    let probe = Probe::start().await;
    invoke_once(&probe).await;
    let secret = runtime_api(&probe);
    let (host, port) = secret.rsplit_once(':').expect("a port");
    assert!(host.starts_with("127.") && host != "127.0.0.1", "{host}");
    assert!(TcpStream::connect(format!("127.0.0.1:{port}")).await.is_err(), "it is not there");
    let head =
        format!("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: localhost:{port}\r\n");
    assert!(raw(&secret, &head, "").await.starts_with("HTTP/1.1 403"));
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_deep_is_an_answer_and_the_runner_goes_on() {
    let probe = Probe::start().await;
    let address = address(probe.runner.endpoint());
    let post = |more: &str| format!("POST / HTTP/1.1\r\nHost: {address}\r\n{more}");
    let dynamodb =
        |operation: &str| post(&format!("X-Amz-Target: DynamoDB_20120810.{operation}\r\n"));
    let table = probe.output("Table");
    let nested = format!("{}{}", r#"{"L":["#.repeat(5_000), "]}".repeat(5_000));
    let scan =
        |filter: String| format!(r#"{{"TableName":"{table}","FilterExpression":"{filter}"}}"#);
    let statement = |text: String| format!(r#"{{"Statement":"{text}"}}"#);
    for (head, body) in [
        (post(""), format!("Version=2010-03-31&{}=1", ".".repeat(10_000))),
        (post(""), format!("Version=2010-12-01&Action=SendEmail&{}=1", ".".repeat(10_000))),
        (post(""), "a=1&".repeat(1_000_000)),
        (dynamodb("PutItem"), format!(r#"{{"TableName":"{table}","Item":{{"id":{nested}}}}}"#)),
        (dynamodb("Scan"), scan(format!("{}a{}", "(".repeat(2_000), ")".repeat(2_000)))),
        (dynamodb("Scan"), scan("(".repeat(4_096))),
        (dynamodb("Scan"), scan(format!("{}a = b", "NOT ".repeat(1_000)))),
        (dynamodb("Scan"), scan("(".repeat(100_000))),
        (dynamodb("Scan"), scan(format!("a{}", "[0]".repeat(1_300)))),
        (
            dynamodb("ExecuteStatement"),
            statement(format!("SELECT * FROM \\\"{table}\\\" WHERE {}a = 1", "(".repeat(100_000))),
        ),
        (
            dynamodb("ExecuteStatement"),
            statement(format!(
                "SELECT * FROM \\\"{table}\\\" WHERE {} a = 1",
                "NOT ".repeat(100_000)
            )),
        ),
        (
            dynamodb("ExecuteStatement"),
            statement(format!("INSERT INTO \\\"{table}\\\" VALUE {}", "[".repeat(100_000))),
        ),
        (
            dynamodb("ExecuteStatement"),
            statement(format!("INSERT INTO \\\"{table}\\\" VALUE {}", "{'a':".repeat(100_000))),
        ),
        (post("X-Amz-Target: AmazonSQS.SendMessage\r\n"), "[".repeat(100_000)),
        (post("X-Amz-Target: AmazonSQS.CreateQueue\r\n"), r#"{"a":"#.repeat(100_000)),
    ] {
        let answer = raw(address, &head, &body).await;
        assert!(answer.starts_with("HTTP/1.1 "), "{head} {body:.60}: {answer:.200}");
        assert!(!answer.starts_with("HTTP/1.1 5"), "{head} {body:.60}: {answer:.200}");
    }
    invoke_once(&probe).await;
    probe.stop().await.expect("stopped");
}
