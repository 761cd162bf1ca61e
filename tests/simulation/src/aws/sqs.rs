//! SQS: what functions ask of it, with its limits.

use crate::aws::answer::Answer;
use crate::cloud::{Cloud, Pair};
use crate::faults::Fault;
use crate::mutants::Mutant;
use crate::queues::Origin;
use crate::relaying::DEAD_LETTERS;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// Entries in one batch at the most, and the bytes of all its messages
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>).
const MOST_ENTRIES: usize = 10;
const MOST_BYTES: usize = 1 << 20;
/// The longest visibility timeout in seconds, and the most attributes of a message; the same page.
const LONGEST: u64 = 43_200;
const MOST_ATTRIBUTES: usize = 10;

/// The URL of a queue.
pub(crate) fn url(name: &str) -> String {
    format!("http://aws.invalid/000000000000/{name}")
}

/// Answers a request; `strike` tells whether a fault strikes it.
pub(crate) fn answer(
    cloud: &Cloud,
    operation: &str,
    body: &Value,
    strike: impl Fn(Fault) -> bool,
) -> Answer {
    let name = body["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
    if name == DEAD_LETTERS {
        return one(relayed(cloud, operation, body));
    }
    let is_of = |pair: &&Pair| pair.queue.name == name || pair.dead_letters.name == name;
    let Some(pair) = cloud.queues.iter().find(is_of) else {
        return Answer::refusal(400, "com.amazonaws.sqs#QueueDoesNotExist");
    };
    let to_dead_letters = pair.dead_letters.name == name;
    let park = |entry: &Value| match to_dead_letters {
        true => parked(cloud, pair, entry),
        false => Err("com.amazonaws.sqs#AccessDenied"),
    };
    let hide = |entry: &Value| hidden(cloud, pair, entry);
    if to_dead_letters && cloud.mutant == Some(Mutant::DeadLetters) {
        delete_originals(pair, body);
    }
    match operation {
        "SendMessage" => one(park(body)),
        "SendMessageBatch" => batch(cloud, body, park, || strike(Fault::SendEntryFails)),
        "ChangeMessageVisibility" => one(hide(body)),
        "ChangeMessageVisibilityBatch" => {
            batch(cloud, body, hide, || strike(Fault::VisibilityEntryFails))
        }
        _ => Answer::refusal(400, "com.amazonaws.sqs#UnsupportedOperation"),
    }
}

fn one(result: Result<Value, &'static str>) -> Answer {
    result.map_or_else(|error| Answer::refusal(400, error), Answer::ok)
}

/// Does every entry of a batch on its own.
fn batch(
    cloud: &Cloud,
    body: &Value,
    act: impl Fn(&Value) -> Result<Value, &'static str>,
    fails: impl Fn() -> bool,
) -> Answer {
    let entries = body["Entries"].as_array().cloned().unwrap_or_default();
    let ids: BTreeSet<_> = entries.iter().filter_map(|entry| entry["Id"].as_str()).collect();
    let length = |entry: &Value| entry["MessageBody"].as_str().map_or(0, str::len);
    let refuse = |error: &str| Answer::refusal(400, &format!("com.amazonaws.sqs#{error}"));
    if entries.is_empty() {
        return refuse("EmptyBatchRequest");
    }
    if entries.len() > MOST_ENTRIES {
        return refuse("TooManyEntriesInBatchRequest");
    }
    if ids.len() != entries.len() {
        return refuse("BatchEntryIdsNotDistinct");
    }
    if entries.iter().map(length).sum::<usize>() > MOST_BYTES {
        return refuse("BatchRequestTooLong");
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in &entries {
        let done = if fails() { Err("InternalError") } else { act(entry) };
        match done {
            Ok(mut done) => {
                done["Id"] = entry["Id"].clone();
                successful.push(done);
            }
            Err(_) if cloud.mutant == Some(Mutant::FailedEntries) => {
                successful
                    .push(json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""}));
            }
            Err(code) => {
                failed.push(json!({"Id": entry["Id"], "Code": code, "SenderFault": false}));
            }
        }
    }
    Answer::ok(json!({"Successful": successful, "Failed": failed}))
}

/// Deletes the messages that letters are about, whatever becomes of these.
fn delete_originals(pair: &Pair, body: &Value) {
    for entry in body["Entries"].as_array().into_iter().flatten() {
        let id = entry["MessageAttributes"]["fanfare.messageId"]["StringValue"].as_str();
        drop(pair.queue.take(|message| Some(message.id.as_str()) == id));
    }
}

/// What the relay can't publish.
fn relayed(cloud: &Cloud, operation: &str, body: &Value) -> Result<Value, &'static str> {
    if operation != "SendMessage" {
        return Err("com.amazonaws.sqs#AccessDenied");
    }
    let text = body["MessageBody"].as_str().filter(|text| text.len() <= MOST_BYTES);
    let text = text.ok_or("com.amazonaws.sqs#InvalidMessageContents")?.to_owned();
    let attributes = body["MessageAttributes"].clone();
    let id = cloud.relayed.send(cloud, text, attributes, Origin::Poison, Duration::ZERO);
    Ok(json!({"MessageId": id, "MD5OfMessageBody": ""}))
}

fn parked(cloud: &Cloud, pair: &Pair, entry: &Value) -> Result<Value, &'static str> {
    let body = entry["MessageBody"].as_str().filter(|body| !body.is_empty());
    let body = body.ok_or("com.amazonaws.sqs#InvalidMessageContents")?.to_owned();
    let attributes = entry["MessageAttributes"].clone();
    if body.len() > MOST_BYTES || attributes.as_object().is_some_and(|a| a.len() > MOST_ATTRIBUTES)
    {
        return Err("com.amazonaws.sqs#InvalidParameterValue");
    }
    let id = pair.dead_letters.park(cloud, body, attributes, &pair.queue);
    Ok(json!({"MessageId": id, "MD5OfMessageBody": ""}))
}

fn hidden(cloud: &Cloud, pair: &Pair, entry: &Value) -> Result<Value, &'static str> {
    let seconds = entry["VisibilityTimeout"].as_u64().filter(|seconds| *seconds <= LONGEST);
    let seconds = seconds.ok_or("com.amazonaws.sqs#InvalidParameterValue")?;
    let receipt = entry["ReceiptHandle"].as_str().unwrap_or_default();
    match pair.queue.change_visibility(cloud, receipt, seconds) {
        true => Ok(json!({})),
        false => Err("com.amazonaws.sqs#MessageNotInflight"),
    }
}
