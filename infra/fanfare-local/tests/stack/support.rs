//! Starting a stack, talking to it, and waiting for what it does.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use fanfare_local::{Options, Runner, StopError};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running probe stack.
pub(crate) struct Probe {
    pub(crate) runner: Runner,
    pub(crate) folder: TempDir,
}

pub(crate) fn options(folder: &Path) -> Options {
    let mut options = Options::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probe.yaml"));
    options.port = 0;
    options.api_port = 0;
    options.functions = Some(examples());
    options.stack_name = "probe".to_owned();
    options.parameters.insert("Log".to_owned(), log_file(folder).display().to_string());
    options
}

/// Where `cargo test` leaves the examples.
fn examples() -> PathBuf {
    let test = std::env::current_exe().expect("a test");
    test.ancestors().nth(2).expect("target/debug").join("examples")
}

fn log_file(folder: &Path) -> PathBuf {
    folder.join("log")
}

impl Probe {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let runner = Runner::start(options(folder.path())).await.expect("a running stack");
        Self { runner, folder }
    }

    pub(crate) fn output(&self, name: &str) -> String {
        self.runner.stack().outputs[name].clone()
    }

    /// What the functions wrote so far.
    pub(crate) fn log(&self) -> Vec<String> {
        read_log(self.folder.path())
    }

    /// Waits for a line that begins so.
    pub(crate) async fn logged(&self, beginning: &str) -> String {
        until(beginning, async || self.log().into_iter().find(|line| line.starts_with(beginning)))
            .await
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        sqs(self.runner.endpoint())
    }

    pub(crate) fn sns(&self) -> aws_sdk_sns::Client {
        aws_sdk_sns::Client::from_conf(config!(aws_sdk_sns, self.runner.endpoint()))
    }

    pub(crate) fn ses(&self) -> aws_sdk_ses::Client {
        ses(self.runner.endpoint())
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        dynamodb(self.runner.endpoint())
    }

    pub(crate) async fn stop(self) -> Result<(), StopError> {
        self.runner.stop().await
    }
}

macro_rules! config {
    ($sdk:ident, $endpoint:expr) => {
        $sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url($endpoint)
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "test"))
            .build()
    };
}
use config;

pub(crate) fn sqs(endpoint: &str) -> aws_sdk_sqs::Client {
    aws_sdk_sqs::Client::from_conf(config!(aws_sdk_sqs, endpoint))
}

pub(crate) fn ses(endpoint: &str) -> aws_sdk_ses::Client {
    aws_sdk_ses::Client::from_conf(config!(aws_sdk_ses, endpoint))
}

pub(crate) fn dynamodb(endpoint: &str) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::from_conf(config!(aws_sdk_dynamodb, endpoint))
}

pub(crate) fn read_log(folder: &Path) -> Vec<String> {
    let log = std::fs::read_to_string(log_file(folder)).unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

/// Asks until there is an answer.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, ask: impl Fn() -> F) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "in vain waited for: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Whether a process is there (and not just its remains, which nobody has asked for yet).
pub(crate) fn is_alive(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = status.rsplit(')').next().and_then(|rest| rest.split_whitespace().next());
    state.is_some_and(|state| state != "Z")
}

/// Sends a head and a body as they are, and gives all that is answered.
pub(crate) async fn raw(address: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let length = body.len();
    let request = format!("{head}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

pub(crate) fn address(url: &str) -> &str {
    url.trim_start_matches("http://")
}

/// Asks an HTTP server, and gives the head and the body of what it answers.
pub(crate) async fn http(url: &str, method: &str, path: &str, body: &str) -> (String, String) {
    let address = address(url);
    let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n");
    let answer = raw(address, &head, body).await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    (head.to_owned(), body.to_owned())
}
