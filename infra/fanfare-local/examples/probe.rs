//! A function that does what it is told: the subject of the runner's own tests.
//!
//! Every record that it gets becomes a line in the file that `PROBE_LOG` names, so that a test can see what
//! arrived, in which order and how often.

use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    if std::env::var_os("PROBE_REFUSES").is_some() {
        eprintln!("this function is told not to start");
        return Err("refused".into());
    }
    lambda_runtime::run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let event = event.payload;
    if let Some(records) = event["Records"].as_array() {
        let failures = records.iter().map(record).filter_map(Result::transpose);
        let failures = failures.collect::<Result<Vec<Value>, Error>>()?;
        return Ok(json!({ "batchItemFailures": failures }));
    }
    if event["requestContext"].is_object() {
        let echo = json!({
            "route": event["routeKey"], "parameters": event["pathParameters"], "body": event["body"],
        });
        return Ok(
            json!({"statusCode": 201, "headers": {"x-probe": "yes"}, "body": echo.to_string()}),
        );
    }
    match event["do"].as_str() {
        Some("fail") => Err("told to fail".into()),
        Some("crash") => std::process::abort(),
        Some("sleep") => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(json!("awake"))
        }
        Some("who") => {
            Ok(json!({"pid": std::process::id(), "region": std::env::var("AWS_REGION")?}))
        }
        _ => {
            log(&event.to_string())?;
            Ok(event)
        }
    }
}

/// The record's failure, if it is told to fail.
fn record(record: &Value) -> Result<Option<Value>, Error> {
    if record["eventSource"] == "aws:dynamodb" {
        let stream = &record["dynamodb"];
        log(&format!("{} {}", record["eventName"], stream["Keys"]["id"]["S"]))?;
        let fails = stream["NewImage"]["fails"]["BOOL"] == true;
        return Ok(fails.then(|| json!({"itemIdentifier": stream["SequenceNumber"]})));
    }
    let body = record["body"].as_str().unwrap_or_default();
    let count = record["attributes"]["ApproximateReceiveCount"].as_str().unwrap_or_default();
    log(&format!("{body} #{count} {}", record["messageAttributes"]))?;
    match body {
        "crash once" if count == "1" => std::process::abort(),
        "fail" => Ok(Some(json!({"itemIdentifier": record["messageId"]}))),
        _ => Ok(None),
    }
}

fn log(line: &str) -> Result<(), Error> {
    let mut file =
        OpenOptions::new().create(true).append(true).open(std::env::var("PROBE_LOG")?)?;
    // One write, so that lines of several processes do not mix.
    Ok(file.write_all(format!("{line}\n").as_bytes())?)
}
