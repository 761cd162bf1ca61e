//! What arrives at the local runner's ports: requests of every AWS protocol and of the HTTP API, through the servers. Whatever
//! it is, somebody is answered, and the next one is served.

use crate::corpus::samples;
use crate::mutant::Mutant;
use fanfare_local::{Options, Runner};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Operations of the JSON protocols.
const TARGETS: [&str; 11] = [
    "DynamoDB_20120810.PutItem",
    "DynamoDB_20120810.UpdateItem",
    "DynamoDB_20120810.Query",
    "DynamoDB_20120810.TransactWriteItems",
    "DynamoDB_20120810.ExecuteStatement",
    "DynamoDBStreams_20120810.GetShardIterator",
    "AmazonSQS.SendMessage",
    "AmazonSQS.SendMessageBatch",
    "AmazonSQS.ReceiveMessage",
    "AmazonSQS.DeleteMessage",
    "AmazonSQS.SetQueueAttributes",
];

/// A runner, for all targets of this process.
struct Servers {
    endpoint: String,
    api: String,
    _running: (tokio::runtime::Runtime, Runner),
}

static SERVERS: LazyLock<Servers> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("threads");
    let mut options = Options::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("template.yaml"));
    (options.port, options.api_port) = (0, 0);
    let test = std::env::current_exe().expect("a test");
    options.functions = Some(test.ancestors().nth(2).expect("target/debug").join("examples"));
    let runner = runtime.block_on(Runner::start(options)).expect("a running stack");
    let address = |url: &str| url.trim_start_matches("http://").to_owned();
    Servers {
        endpoint: address(runner.endpoint()),
        api: address(runner.api_url()),
        _running: (runtime, runner),
    }
});

#[test]
fn bodies() {
    let samples = samples("http");
    for sample in &samples {
        println!("{}", sample.name);
        are_answered(&sample.bytes);
    }
    bolero::check!().with_type::<Mutant>().for_each(|mutant| are_answered(&mutant.bytes(&samples)));
}

#[test]
fn heads() {
    let samples = samples("heads");
    for sample in &samples {
        println!("{}", sample.name);
        are_survived(&sample.bytes);
    }
    bolero::check!().with_type::<Mutant>().for_each(|mutant| are_survived(&mutant.bytes(&samples)));
}

/// A body is answered by every protocol, and by none with an error of the server's own.
fn are_answered(body: &[u8]) {
    let endpoint = &SERVERS.endpoint;
    for target in TARGETS {
        is_answered(endpoint, &format!("POST / HTTP/1.1\r\nX-Amz-Target: {target}\r\n"), body);
    }
    is_answered(endpoint, "POST / HTTP/1.1\r\n", body);
    is_answered(endpoint, "POST /2015-03-31/functions/echo/invocations HTTP/1.1\r\n", body);
    is_answered(&SERVERS.api, "POST /echo/x HTTP/1.1\r\n", body);
}

fn is_answered(address: &str, head: &str, body: &[u8]) {
    let length = body.len();
    let head =
        format!("{head}Host: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    let mut stream = connect(address);
    stream.write_all(&[head.as_bytes(), body].concat()).expect("taken");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let status = answer.get(..12).unwrap_or_default();
    assert!(
        status.starts_with(b"HTTP/1.1 ") && !status.ends_with(b"500"),
        "{head}: {}",
        text(&answer)
    );
}

/// Bytes are no reason to end, whatever they are taken for.
fn are_survived(bytes: &[u8]) {
    for address in [&SERVERS.endpoint, &SERVERS.api] {
        let mut stream = connect(address);
        // The server may have seen enough before it has read all.
        drop(stream.write_all(bytes).and_then(|()| stream.shutdown(Shutdown::Write)));
        drop(stream.read_to_end(&mut Vec::new()));
        is_answered(address, "GET /_fanfare/health HTTP/1.1\r\n", b"");
    }
}

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    stream
}

fn text(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).into_owned()
}
