//! The store, run by the `fanfare` command.

use crate::{Answer, Aws, Client, eventually};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

/// The repository's root.
pub fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A program of the workspace, from the folder that this test was built into.
///
/// # Panics
/// When it was not built: `make local` does that.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this test is a file");
    let folders = test.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is not built; run `make local` first"))
}

/// A `fanfare` process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// Collects standard error all along: a full pipe would halt the process.
    stderr: JoinHandle<String>,
}

impl Process {
    /// Starts `fanfare` with these arguments, in the repository.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(program("fanfare"))
            .args(arguments)
            .current_dir(repository())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("fanfare starts");
        let stdout = child.stdout.take().expect("standard output is piped");
        let mut stderr = child.stderr.take().expect("standard error is piped");
        let stderr = tokio::spawn(async move {
            let mut text = String::new();
            stderr.read_to_string(&mut text).await.expect("standard error is readable");
            text
        });
        Self { child, stdout: BufReader::new(stdout), stderr }
    }

    /// The next line of standard output, without its end; empty when there is none.
    ///
    /// # Panics
    /// When it can't be read.
    pub async fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).await.expect("standard output is readable");
        line.trim_end().to_owned()
    }

    /// The process's id, while it runs.
    ///
    /// # Panics
    /// When it has ended.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("fanfare runs")
    }

    /// Sends a signal, such as `TERM`.
    ///
    /// # Panics
    /// When that fails.
    pub async fn signal(&self, signal: &str) {
        kill(signal, self.pid()).await;
    }

    /// Waits for the end, and gives the exit status, the rest of standard output, and standard error.
    ///
    /// # Panics
    /// When it can't be waited for.
    pub async fn end(mut self) -> (ExitStatus, String, String) {
        let mut out = String::new();
        let (status, read, err) =
            tokio::join!(self.child.wait(), self.stdout.read_to_string(&mut out), self.stderr);
        read.expect("standard output is readable");
        (status.expect("fanfare ends"), out, err.expect("standard error was collected"))
    }
}

/// Sends a signal to a process; one that has ended already is none of our business.
pub(crate) async fn kill(signal: &str, pid: u32) {
    let sent = Command::new("kill").arg(format!("-{signal}")).arg(pid.to_string()).output().await;
    sent.expect("kill runs");
}

/// The running store.
#[derive(Debug)]
pub struct Store {
    process: Process,
    /// The HTTP API.
    pub api: Client,
    /// The AWS services.
    pub aws: Aws,
    /// The runner's own pages: statistics, mailbox.
    pub runner: Client,
}

impl Store {
    /// Starts the store on free ports, without the demo.
    ///
    /// # Panics
    /// When it does not become ready.
    pub async fn start(arguments: &[&str]) -> Self {
        let fixed = ["up", "--no-demo", "--port", "0", "--api-port", "0"];
        let mut process = Process::start(&[&fixed, arguments].concat());
        let ready = process.line().await;
        let url = |label: &str| {
            let after = ready.split_once(label).map(|(_, rest)| rest.split_whitespace().next());
            after.flatten().unwrap_or_else(|| panic!("not ready: {ready:?}")).to_owned()
        };
        let endpoint = url("AWS endpoint ");
        Self {
            process,
            api: Client::new(url("HTTP API ")),
            aws: Aws::at(&endpoint).await,
            runner: Client::new(endpoint),
        }
    }

    /// Ends it by SIGTERM, and gives what its process left.
    pub async fn stop(self) -> (ExitStatus, String, String) {
        self.process.signal("TERM").await;
        self.process.end().await
    }

    /// The `fanfare` process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Registers a customer.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn customer(&self, id: &str) {
        let body = json!({"name": "Ada", "email": format!("{id}@example.com")});
        let answer = self.api.put(&format!("/customers/{id}"), body).await;
        assert_eq!(answer.status, 202, "{answer:?}");
    }

    /// Sets what is on hand.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn stock(&self, sku: &str, on_hand: u64) {
        let answer = self.api.put(&format!("/inventory/{sku}"), json!({"onHand": on_hand})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Places an order of one line at 100 minor units a piece, and gives its id.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn order(&self, customer: &str, sku: &str, quantity: u64) -> String {
        let line = json!({"sku": sku, "quantity": quantity, "unitPrice": 100});
        let body = json!({"customerId": customer, "currency": "EUR", "items": [line]});
        let answer = self.api.post("/orders", body).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.body["orderId"].as_str().expect("an order id").to_owned()
    }

    /// The trace of an order once every consumer has dealt with every event of it.
    pub async fn settled(&self, order: &str) -> Value {
        let path = format!("/orders/{order}/trace");
        let look = async || self.api.get(&path).await;
        let answer = eventually("every consumer", look, |answer: &Answer| {
            let outcomes = outcomes(&answer.body);
            answer.status == 200
                && !outcomes.is_empty()
                && outcomes.iter().all(|outcome| outcome == "done" || outcome == "dead-lettered")
        });
        answer.await.body
    }

    /// The ids of the function processes that run now.
    pub async fn function_processes(&self) -> Vec<u32> {
        let statistics = self.runner.get("/_fanfare/stats").await.body;
        let functions = statistics["functions"].as_array().cloned().unwrap_or_default();
        let processes = functions.iter().filter_map(|f| f["processes"].as_array()).flatten();
        let pids = processes.filter_map(|process| process["pid"].as_u64());
        pids.filter_map(|pid| u32::try_from(pid).ok()).collect()
    }

    /// Kills a process as `kill -9` does.
    pub async fn kill(&self, pid: u32) {
        kill("KILL", pid).await;
    }
}

fn outcomes(trace: &Value) -> Vec<String> {
    let events = trace["events"].as_array().cloned().unwrap_or_default();
    let consumers = events.iter().filter_map(|event| event["consumers"].as_array()).flatten();
    consumers.map(|c| c["outcome"].as_str().unwrap_or_default().to_owned()).collect()
}
