//! SNS: one PublishBatch, with its limits, in the query protocol that its SDK speaks.

use crate::aws::answer::Answer;
use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::mutants::Mutant;
use crate::topic;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Entries in one batch at the most, and the bytes of all its messages and attributes
/// (<https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html>).
const MOST_ENTRIES: usize = 10;
const MOST_BYTES: usize = 256 * 1024;

/// Codes of entries that are refused now and taken later, and whether SNS calls them the sender's fault.
const PASSING: [(&str, bool); 5] = [
    ("Throttled", true),
    ("InternalError", false),
    ("KMSThrottling", true),
    ("KMSAccessDenied", true),
    ("AuthorizationError", true),
];

/// What becomes of an entry.
enum Taken {
    Yes,
    No {
        code: &'static str,
        sender_fault: bool,
    },
    /// The answer does not name it.
    Forgotten,
}

/// Reads a request: its operation, and its fields as JSON.
pub(crate) fn read(body: &[u8]) -> (String, Value) {
    let fields: BTreeMap<_, _> = form_urlencoded::parse(body).into_owned().collect();
    let field = |name: &str| fields.get(name).cloned();
    let entries = (1..).map_while(|n| {
        let entry = format!("PublishBatchRequestEntries.member.{n}");
        let id = field(&format!("{entry}.Id"))?;
        let attribute = format!("{entry}.MessageAttributes.entry.1");
        Some(json!({
            "Id": id, "Message": field(&format!("{entry}.Message")),
            "Attribute": field(&format!("{attribute}.Name")),
            "Value": field(&format!("{attribute}.Value.StringValue")),
        }))
    });
    let entries: Value = entries.collect();
    (field("Action").unwrap_or_default(), json!({"Entries": entries}))
}

/// Writes an answer.
pub(crate) fn write(answer: &Answer) -> String {
    if !answer.is_ok() {
        let code = answer.error();
        return format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
        );
    }
    let members = |kind: &str| {
        let entries = answer.body[kind].as_array().into_iter().flatten();
        entries.map(member).collect::<String>()
    };
    let (successful, failed) = (members("Successful"), members("Failed"));
    format!(
        "<PublishBatchResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishBatchResult>\
         <Successful>{successful}</Successful><Failed>{failed}</Failed>\
         </PublishBatchResult></PublishBatchResponse>"
    )
}

fn member(entry: &Value) -> String {
    let fields = entry.as_object().into_iter().flatten().map(|(name, value)| match value {
        Value::String(text) => format!("<{name}>{text}</{name}>"),
        other => format!("<{name}>{other}</{name}>"),
    });
    format!("<member>{}</member>", fields.collect::<String>())
}

/// Answers a request; `strike` tells whether a fault strikes it.
pub(crate) fn answer(
    cloud: &Arc<Cloud>,
    operation: &str,
    body: &Value,
    strike: impl Fn(Fault) -> bool,
) -> Answer {
    let entries = body["Entries"].as_array().cloned().unwrap_or_default();
    if let Some(error) = refusal(operation, &entries) {
        return Answer::refusal(400, error);
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in &entries {
        let id = &entry["Id"];
        match take(cloud, entry, &strike) {
            Taken::Yes => successful.push(json!({"Id": id, "MessageId": "m"})),
            Taken::No { code, sender_fault } => failed.push(
                json!({"Id": id, "Code": code, "Message": "no", "SenderFault": sender_fault}),
            ),
            Taken::Forgotten if cloud.mutant == Some(Mutant::UnnamedEntries) => {
                successful.push(json!({"Id": id, "MessageId": "m"}));
            }
            Taken::Forgotten => {}
        }
    }
    let mut answer = json!({"Successful": successful, "Failed": failed});
    if let Some(mutant) = cloud.mutant {
        mutant.rewrite_publishing(&mut answer);
    }
    Answer::ok(answer)
}

fn refusal(operation: &str, entries: &[Value]) -> Option<&'static str> {
    let ids: BTreeSet<_> = entries.iter().filter_map(|entry| entry["Id"].as_str()).collect();
    let length = |value: &Value| value.as_str().map_or(0, str::len);
    let size = |entry: &Value| {
        ["Message", "Attribute", "Value"].iter().map(|field| length(&entry[*field])).sum::<usize>()
    };
    match () {
        () if operation != "PublishBatch" => Some("InvalidAction"),
        () if entries.is_empty() => Some("EmptyBatchRequest"),
        () if entries.len() > MOST_ENTRIES => Some("TooManyEntriesInBatchRequest"),
        () if ids.len() != entries.len() => Some("BatchEntryIdsNotDistinct"),
        () if entries.iter().map(size).sum::<usize>() > MOST_BYTES => Some("BatchRequestTooLong"),
        () => None,
    }
}

/// Takes one entry, which is on its own.
fn take(cloud: &Arc<Cloud>, entry: &Value, strike: impl Fn(Fault) -> bool) -> Taken {
    let message = entry["Message"].as_str().unwrap_or_default();
    if message.is_empty() {
        return Taken::No { code: "InvalidParameter", sender_fault: true };
    }
    if strike(Fault::PublishEntryFails) {
        let (code, sender_fault) = *cloud.faults.chance().one_of(&PASSING);
        return Taken::No { code, sender_fault };
    }
    if strike(Fault::PublishEntryForgotten) {
        return Taken::Forgotten;
    }
    let is_typed = entry["Attribute"] == "eventType";
    topic::take(cloud, message, entry["Value"].as_str().filter(|_| is_typed).unwrap_or_default());
    Taken::Yes
}
