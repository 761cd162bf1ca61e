//! `fanfare up`, and the store's, as commands: how it starts, refuses to start, and ends.

use std::path::Path;
use std::time::{Duration, Instant};
use system_tests::{Client, Process, Store, eventually};

/// Starts `fanfare up` with arguments that it should refuse, and gives what it says.
async fn refusal(arguments: &[&str]) -> String {
    let fixed = ["up", "--port", "0", "--api-port", "0"];
    let (status, out, err) = Process::start(&[&fixed, arguments].concat()).end().await;
    assert!(!status.success(), "it started: {out}");
    err
}

fn is_running(pid: u32) -> bool {
    // A zombie has ended; it only waits to be noticed.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

async fn ended(pids: &[u32]) {
    let look = async || pids.iter().filter(|pid| is_running(**pid)).count();
    eventually("the functions to end", look, |running| *running == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_within_two_seconds_of_a_signal_and_leaves_no_child() {
    for signal in ["TERM", "INT"] {
        let store = Store::start(&[]).await;
        store.customer("cust_1").await;
        let order = store.order("cust_1", "none", 1).await;
        store.settled(&order).await;
        let functions = store.function_processes().await;
        assert!(functions.len() >= 6, "{functions:?}");

        let begun = Instant::now();
        store.process().signal(signal).await;
        let pid = store.process().pid();
        let look = async || is_running(pid);
        eventually("fanfare to end", look, |running| !running).await;

        assert!(begun.elapsed() < Duration::from_secs(2), "took {:?}", begun.elapsed());
        assert!(functions.iter().all(|pid| !is_running(*pid)), "a function is left");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_functions_end_even_when_it_is_killed() {
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    let functions = store.function_processes().await;
    assert!(!functions.is_empty());
    for function in &functions {
        // One that is stopped notices as little by itself as one that is busy.
        let mut stop = std::process::Command::new("kill");
        let stopped = stop.args(["-STOP", &function.to_string()]).status();
        assert!(stopped.expect("kill runs").success());
    }

    let begun = Instant::now();
    store.process().signal("KILL").await;

    ended(&functions).await;
    assert!(begun.elapsed() < Duration::from_secs(2), "took {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_one_line_that_names_it() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("it has an address").port().to_string();
    for option in ["--port", "--api-port"] {
        let fixed = ["up"];
        let other = if option == "--port" { "--api-port" } else { "--port" };
        let arguments = [&fixed[..], &[option, &port, other, "0"]].concat();
        let (status, _, err) = Process::start(&arguments).end().await;
        assert_eq!(status.code(), Some(1));
        assert!(err.contains(&format!("port {port} is taken")) && err.contains(option), "{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_s_address_is_printed_and_holds_what_lets_in() {
    let fixed = ["store", "up", "--no-demo", "--port", "0", "--api-port", "0"];
    let mut store = Process::start(&[&fixed[..], &["--console-port", "0"]].concat());
    let ready = store.line().await;
    assert!(ready.starts_with("ready in "), "{ready}");
    let line = store.line().await;
    let url = line.trim_start().strip_prefix("console").expect("the console's line").trim();
    let (base, token) = url.split_once("/?token=").expect("an address with a token");

    assert_eq!(Client::new(base).get("/api/flow").await.status, 401);
    let flow = Client::new(base).with_token(token).get("/api/flow").await;
    assert_eq!((flow.status, &flow.body["topic"]), (200, &"EventsTopic".into()));
    let taken = base.rsplit_once(':').expect("a port").1;
    let said = refusal(&["--console-port", taken]).await;
    assert!(said.contains(&format!("port {taken}")) && said.contains("--console-port"), "{said}");

    store.signal("TERM").await;
    let (status, out, err) = store.end().await;
    assert!(status.success(), "{out}{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_error_is_one_line_that_names_file_line_resource_and_property() {
    let folder = tempfile::tempdir().expect("a folder");
    let template = folder.path().join("broken.yaml");
    let text =
        "Resources:\n  Orders:\n    Type: AWS::SQS::Queue\n    Properties:\n      Colour: blue\n";
    std::fs::write(&template, text).expect("written");

    let said = refusal(&["--template", path(&template)]).await;

    assert_eq!(said.lines().count(), 1, "one line: {said}");
    for part in ["broken.yaml:5", "Orders", "Colour"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    assert!(refusal(&["--template", "nowhere.yaml"]).await.contains("nowhere.yaml"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_tells_all_as_json_and_starts_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let template = folder.path().join("theirs.yaml");
    let text = "Resources:
  Files: { Type: AWS::S3::Bucket }
  Logs: { Type: AWS::Logs::LogGroup }
  Orders: { Type: AWS::SQS::Queue, Properties: { Colour: blue } }
";
    std::fs::write(&template, text).expect("written");
    let file = path(&template);

    let check = ["up", "--template", file, "--check", "--json"];
    let (status, out, _) = Process::start(&check).end().await;
    let said: serde_json::Value = serde_json::from_str(&out).expect("JSON");

    assert_eq!(status.code(), Some(1));
    assert_eq!(
        said,
        serde_json::json!({
            "ok": false,
            "problems": [
                {"kind": "resource", "resource": "Files", "file": file, "line": 2, "message":
                    "resource Files is of type AWS::S3::Bucket, which is not supported by the local runner"},
                {"kind": "property", "resource": "Orders", "file": file, "line": 4, "message":
                    "resource Orders: property Colour is not supported by the local runner"},
            ],
            "differs": [
                {"kind": "resource", "resource": "Logs", "file": file, "line": 3, "message":
                    "resource Logs is of type AWS::Logs::LogGroup: functions log to the terminal here"},
            ],
        })
    );

    let (status, out, _) =
        Process::start(&[&check[..4], &["--skip-unsupported"]].concat()).end().await;
    assert_eq!(status.code(), Some(0), "{out}");
    assert!(out.contains("left out") && out.contains("it would start"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_missing_programs_are_told_at_once_by_function() {
    let folder = tempfile::tempdir().expect("a folder");
    let functions = path(folder.path());
    let said = refusal(&["--functions", functions]).await;
    for function in ["RelayFunction", "InventoryFunction", "PaymentFunction"] {
        assert!(said.contains(function), "{function} is not in {said}");
    }
    assert!(said.contains(functions) && said.contains("problems of 1 kind"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_parameter_is_named() {
    let said = refusal(&["--parameter", "Colour=blue"]).await;
    assert!(said.contains("Colour"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_data_folder_orders_outlive_the_runner() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = ["--data", path(folder.path())];
    let store = Store::start(&data).await;
    store.stock("mug", 5).await;
    store.customer("cust_1").await;
    let order = store.order("cust_1", "mug", 2).await;
    store.settled(&order).await;
    let (status, _, err) = store.stop().await;
    assert!(status.success(), "{err}");

    let store = Store::start(&data).await;
    assert_eq!(store.api.get("/inventory/mug").await.body["onHand"], 3);
    assert_eq!(store.api.get(&format!("/orders/{order}")).await.body["status"], "shipped");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_data_folder_an_order_is_finished_after_the_runner_was_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = ["--data", path(folder.path())];
    let store = Store::start(&data).await;
    store.stock("mug", 100).await;
    store.customer("cust_1").await;
    let mut orders = Vec::new();
    for _ in 0..20 {
        orders.push(store.order("cust_1", "mug", 1).await);
    }
    let pid = store.process().pid();
    store.process().signal("KILL").await;
    ended(&[pid]).await;

    let store = Store::start(&data).await;
    for order in orders {
        store.settled(&order).await;
    }
    assert_eq!(store.api.get("/inventory/mug").await.body["onHand"], 80);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_s_command_ends_as_that_program_does() {
    let (status, out, _) = Process::start(&["store", "--help"]).end().await;
    assert!(status.success() && out.contains("Usage: fanfare store"), "{out}");
    let (status, _, err) = Process::start(&["store", "place", "nowhere.json"]).end().await;
    assert_eq!(status.code(), Some(1));
    assert!(err.contains("nowhere.json can't be read"), "{err}");
    let (status, _, err) = Process::start(&["store", "plaice"]).end().await;
    assert_eq!(status.code(), Some(2));
    assert!(err.contains("place"), "it suggests the right word: {err}");
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
