//! A stranger's project on the platform alone (`tests/outside`): built, tested, run and operated as its README says. And the
//! tutorial's, which is begun by `fanfare new`, and that of a second domain.

#[path = "social.rs"]
mod social;
#[path = "tutorial.rs"]
mod tutorial;

use aws_sdk_sns::types::MessageAttributeValue;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output};
use system_tests::{Aws, Process, eventually, program, repository};
use tokio::process::Command;
use tokio::sync::OnceCell;

/// What is run here is built once, whichever test comes first.
static BUILT: OnceCell<()> = OnceCell::const_new();

async fn built() {
    BUILT.get_or_init(async || drop(cargo(&["build"]).await)).await;
}

fn project() -> PathBuf {
    repository().join("tests/outside")
}

/// Where this test's own workspace was built: the project shares what it can of that.
fn target() -> PathBuf {
    let profile = program("fanfare").parent().map(Path::to_owned).expect("a folder");
    profile.parent().map(Path::to_owned).expect("a target folder")
}

async fn cargo(arguments: &[&str]) -> Output {
    cargo_in(&project(), &[arguments, &["--locked"]].concat()).await
}

async fn cargo_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let cargo = cargo.args(arguments).current_dir(folder);
    let output = cargo.env("CARGO_TARGET_DIR", target()).output().await.expect("cargo runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {error}");
    output
}

/// Runs the command in the project's folder, and gives how it ended and what it printed.
async fn fanfare(arguments: &[&str]) -> (ExitStatus, String, String) {
    fanfare_in(&project(), arguments).await
}

async fn fanfare_in(folder: &Path, arguments: &[&str]) -> (ExitStatus, String, String) {
    let mut command = Command::new(program("fanfare"));
    let command = command.args(arguments).current_dir(folder);
    let output = command.output().await.expect("fanfare runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status, text(&output.stdout), text(&output.stderr))
}

/// The greenhouse, running.
struct Greenhouse {
    process: Process,
    aws: Aws,
}

impl Greenhouse {
    async fn start() -> Self {
        built().await;
        Self::start_in(&project()).await
    }

    async fn start_in(project: &Path) -> Self {
        Self::start_with(project, &[]).await
    }

    async fn start_with(project: &Path, more: &[&str]) -> Self {
        let target = target();
        let target = target.to_str().expect("a path of this repository is text");
        let arguments = [&["up", "--port", "0", "--api-port", "0"], more].concat();
        let mut process = Process::start_in(project, &[("CARGO_TARGET_DIR", target)], &arguments);
        let ready = process.line().await;
        let (_, endpoint) = ready.split_once("AWS endpoint ").expect("it is ready");
        let endpoint = endpoint.split_whitespace().next().expect("a URL");
        Self { aws: Aws::at(endpoint).await, process }
    }

    /// Waits until it says a line that begins so.
    async fn says_line(&mut self, begin: &str) {
        loop {
            let line = self.process.line().await;
            assert!(!line.is_empty(), "it has ended");
            if line.starts_with(begin) {
                return;
            }
        }
    }

    /// Publishes a reading as the AWS CLI would.
    async fn publish(&self, id: &str, room: &str, celsius: f64) {
        let reading = json!({
            "eventType": "TemperatureMeasured",
            "eventId": id,
            "timestamp": "2026-01-15T10:30:00Z",
            "correlationId": room,
            "payload": {"room": room, "celsius": celsius},
        });
        let event_type = MessageAttributeValue::builder()
            .data_type("String")
            .string_value("TemperatureMeasured")
            .build()
            .expect("a complete attribute");
        let sns = aws_sdk_sns::Client::new(self.aws.config());
        let publish = sns
            .publish()
            .topic_arn("arn:aws:sns:us-east-1:000000000000:fanfare-Announcements")
            .message(reading.to_string())
            .message_attributes("eventType", event_type);
        publish.send().await.expect("it is taken");
    }

    /// What a command says of it, as JSON.
    async fn says(&self, arguments: &[&str]) -> Value {
        let target = ["--json", "--endpoint", self.aws.endpoint()];
        let (_, out, error) = fanfare(&[arguments, &target].concat()).await;
        let json = serde_json::from_str(&out);
        assert!(json.is_ok(), "{arguments:?} printed no JSON: {out}{error}");
        json.expect("JSON")
    }

    /// The attic's trace once its air conditioner was switched this often.
    async fn switched(&self, times: usize) -> Value {
        let look = async || {
            let target = ["trace", "attic", "--json", "--endpoint", self.aws.endpoint()];
            serde_json::from_str(&fanfare(&target).await.1).unwrap_or(Value::Null)
        };
        let is_done = |trace: &Value| trace["events"].as_array().is_some_and(|e| e.len() >= times);
        eventually("the air conditioner to be switched", look, is_done).await
    }

    async fn stop(self) {
        self.process.signal("TERM").await;
        let (status, _, error) = self.process.end().await;
        assert!(status.success(), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_own_tests_pass() {
    cargo(&["test"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_readings_of_one_room_are_two_events_on_one_stream_and_every_command_says_so() {
    let greenhouse = Greenhouse::start().await;
    greenhouse.publish("evt_1", "attic", 31.0).await;
    greenhouse.switched(1).await;
    greenhouse.publish("evt_2", "attic", 19.5).await;

    let trace = greenhouse.switched(2).await;

    let events = trace["events"].as_array().expect("events");
    let types: Vec<_> = events.iter().map(|event| event["eventType"].as_str()).collect();
    assert_eq!(types, [Some("AcSwitched"); 2], "{trace}");
    let causes: Vec<_> = events.iter().map(|event| event["causationId"].as_str()).collect();
    assert_eq!(causes, [Some("evt_1"), Some("evt_2")], "{trace}");

    let queues = greenhouse.says(&["queues"]).await;
    let of = |line: &Value| (line["consumer"].clone(), line["dead"].clone());
    let lines: Vec<_> = queues.as_array().expect("lines").iter().map(of).collect();
    assert!(lines.contains(&("climate".into(), 0.into())), "{queues}");
    assert!(lines.contains(&("thermometer".into(), 0.into())), "{queues}");

    let dead = greenhouse.says(&["dlq", "ls"]).await;
    assert!(
        dead.as_array().expect("queues").iter().all(|queue| queue["count"] == 0),
        "nothing is dead: {dead}"
    );

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("events.ndjson");
    let file = file.to_str().expect("text");
    let endpoint = ["--endpoint", greenhouse.aws.endpoint()];
    let (status, _, error) =
        fanfare(&[&["export", "--format", "ndjson", file][..], &endpoint].concat()).await;
    assert!(status.success(), "{error}");
    let exported = std::fs::read_to_string(file).expect("readable");
    assert_eq!(exported.lines().count(), 2, "{exported}");

    let unheard = fanfare(&[&["send", "Unheard", "{}"][..], &endpoint].concat()).await;
    assert!(unheard.2.contains("there is no event Unheard"), "{}", unheard.2);

    greenhouse.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_billed_by_what_each_function_asked_of_aws() {
    let greenhouse = Greenhouse::start().await;
    greenhouse.publish("evt_1", "attic", 31.0).await;
    greenhouse.switched(1).await;
    let endpoint = ["--endpoint", greenhouse.aws.endpoint()];
    let month = ["--per", "TemperatureMeasured", "--a-month", "1000000"];

    let bill = greenhouse.says(&[&["cost"][..], &month].concat()).await;

    assert_eq!(bill["occasions"]["TemperatureMeasured"], 1, "{bill}");
    assert_eq!(bill["times"], 1e6, "{bill}");
    let functions = bill["bill"]["byFunction"].as_array().expect("positions").clone();
    let usd = |name: &str| {
        let position = functions.iter().find(|position| position["name"] == name);
        position.and_then(|position| position["usd"].as_f64()).unwrap_or_default()
    };
    // A ledger record and an event of less than 1 KB, in one transaction: four write units, 2.50 USD a million.
    assert!(usd("Climate") >= 2.5, "{bill}");
    assert!(usd("Thermometer") >= 1.25, "{bill}");
    // What a test publishes is not a function's.
    assert!(usd("outside") >= 0.5, "{bill}");
    let unheard = [&["cost", "--per", "Unheard", "--a-month", "1"][..], &endpoint].concat();
    let (status, _, error) = fanfare(&unheard).await;
    assert_eq!(status.code(), Some(1));
    assert!(error.contains("what did: AcSwitched, TemperatureMeasured"), "{error}");
    greenhouse.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_handled_is_a_dead_letter_with_its_cause() {
    let greenhouse = Greenhouse::start().await;

    greenhouse.publish("evt_hot", "the attic", 31.0).await;

    let look = async || greenhouse.says(&["dlq", "ls", "climate"]).await;
    let dead = eventually("the dead letter", look, |dead| dead[0]["count"] == 1).await;
    let cause = dead[0]["groups"][0]["cause"].as_str().unwrap_or_default();
    assert!(cause.contains("room"), "the cause names the field: {dead}");
    greenhouse.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_consumer_says_what_a_forced_replay_would_do_and_the_template_is_clean() {
    let greenhouse = Greenhouse::start().await;
    let endpoint = ["--endpoint", greenhouse.aws.endpoint()];

    let replay = ["replay", "--consumer", "climate", "--force", "--dry-run"];
    let (status, _, error) = fanfare(&[&replay[..], &endpoint].concat()).await;
    let (linted, findings, _) = fanfare(&["lint", "template.yaml"]).await;

    assert!(!status.success());
    assert!(error.contains("long gone"), "the consumer's own reason: {error}");
    assert!(linted.success(), "{findings}");
    greenhouse.stop().await;
}
