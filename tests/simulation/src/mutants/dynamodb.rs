//! What mutants change of requests to DynamoDB, and of its answers.

use super::Mutant;
use crate::aws::{actions, is_write};
use crate::sweeping::is_order;
use crate::tables::{EMAIL, EVENTS, LEDGER, STOCK, number, text};
use read_models::sagas::{BY_AGE, OPEN};
use serde_json::{Value, json};

impl Mutant {
    /// Rewrites a request to DynamoDB. Gives puts that are to be done after it, if they are done at all.
    pub(crate) fn rewrite(self, operation: &str, body: &mut Value) -> Vec<Value> {
        if self == Self::Outbox {
            return detach_events(operation, body, |_| true);
        }
        let dropped = match self {
            Self::Refund => "RefundRequested",
            Self::RefundLook => "RefundLookDue",
            _ => "",
        };
        if !dropped.is_empty() {
            let is_dropped = |event: &Value| text(event, "eventType") == dropped;
            drop(detach_events(operation, body, is_dropped));
        }
        if self == Self::SweepOnce {
            return announce_again(operation, body);
        }
        if self == Self::SweepGoesOn && body["IndexName"] == BY_AGE {
            body["ScanIndexForward"] = true.into();
        }
        if is_write(operation) {
            for action in actions(operation, body) {
                if self.unguards(action) {
                    strip_condition(action);
                }
            }
        }
        Vec::new()
    }

    /// Rewrites what DynamoDB answers.
    pub(crate) fn rewrite_answer(self, operation: &str, body: &mut Value) {
        match self {
            Self::TamperCheck => forget("digest", body),
            Self::KeptResult => forget("effect", body),
            Self::Tries => forget("tries", body),
            Self::Begun => forget("begun", body),
            Self::Head if is_head(operation, body) => body["Items"] = json!([]),
            Self::SweepGoesOn if operation == "Query" => end_at_malformed(body),
            _ => {}
        }
        if self != Self::Dedupe {
            return;
        }
        match operation {
            "BatchGetItem" if body["Responses"][LEDGER].is_array() => {
                body["Responses"][LEDGER] = json!([]);
            }
            "GetItem" if text(&body["Item"], "id").contains('#') => {
                body["Item"].take();
            }
            _ => {}
        }
    }

    /// Whether this mutant takes the condition off a write.
    fn unguards(self, action: &Value) -> bool {
        let table = action["TableName"].as_str().unwrap_or_default();
        let outcome = written(action, "outcome");
        match self {
            Self::Dedupe => table == LEDGER && outcome == "done" && !is_fenced(action),
            Self::ConditionalStock => table == STOCK,
            Self::Lease => table == LEDGER && outcome == "claimed",
            Self::Fence => table == LEDGER && is_fenced(action),
            Self::VersionRule => table == EMAIL && condition(action).contains('<'),
            Self::Revision => !action["Item"]["revision"].is_null(),
            Self::StreamVersion => table == EVENTS,
            Self::AnnouncedPlace => text(&action["Item"], "stream").starts_with("board-"),
            _ => false,
        }
    }
}

/// Whether an answer says where a stream stands.
fn is_head(operation: &str, answer: &Value) -> bool {
    operation == "Query" && !answer["Items"][0]["version"].is_null()
}

/// The text that a write gives to an attribute; empty if it gives none.
fn written<'a>(action: &'a Value, attribute: &str) -> &'a str {
    let put = text(&action["Item"], attribute);
    if !put.is_empty() {
        return put;
    }
    let update = action["UpdateExpression"].as_str().unwrap_or_default();
    let names = action["ExpressionAttributeNames"].as_object().into_iter().flatten();
    let placeholder =
        names.filter(|(_, name)| *name == attribute).map(|(placeholder, _)| placeholder);
    let mut names = placeholder.map(String::as_str).chain([attribute]);
    let value = names.find_map(|name| {
        let (_, rest) = update.split_once(&format!("{name} = "))?;
        rest.split([',', ' ']).next()
    });
    value.map_or("", |value| text(&action["ExpressionAttributeValues"], value))
}

fn condition(action: &Value) -> &str {
    action["ConditionExpression"].as_str().unwrap_or_default()
}

/// Whether a write's condition asks for a certain token.
fn is_fenced(action: &Value) -> bool {
    let names = action["ExpressionAttributeNames"].as_object().into_iter().flatten();
    let token = names.filter(|(_, name)| *name == "token").map(|(placeholder, _)| placeholder);
    token.into_iter().any(|token| condition(action).contains(&format!("{token} = ")))
}

/// Takes a write's condition away, and the names and values that it alone used: DynamoDB refuses those.
fn strip_condition(action: &mut Value) {
    let Some(action) = action.as_object_mut() else { return };
    action.remove("ConditionExpression");
    let rest =
        action.get("UpdateExpression").and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_#:".contains(c);
    let used: Vec<&str> = rest.split(|c| !is_word(c)).collect();
    for field in ["ExpressionAttributeNames", "ExpressionAttributeValues"] {
        let Some(map) = action.get_mut(field).and_then(Value::as_object_mut) else { continue };
        map.retain(|placeholder, _| used.contains(&placeholder.as_str()));
        if map.is_empty() {
            action.remove(field);
        }
    }
}

/// Takes an attribute out of every item of an answer.
fn forget(attribute: &str, answer: &mut Value) {
    match answer {
        Value::Object(fields) => {
            fields.remove(attribute);
            fields.values_mut().for_each(|value| forget(attribute, value));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| forget(attribute, value)),
        _ => {}
    }
}

/// The streams that nobody but the sweep appends to.
const OF_SWEEP: [&str; 3] = ["timeout-", "stalled-", "refund-look-"];

/// Puts that announce the sweep's events of a transaction once more.
fn announce_again(operation: &str, body: &mut Value) -> Vec<Value> {
    let of_sweep = |action: &&mut Value| {
        let stream = text(&action["Item"], "stream");
        action["TableName"] == EVENTS && OF_SWEEP.iter().any(|kind| stream.starts_with(kind))
    };
    let events = actions(operation, body).into_iter().filter(of_sweep).filter_map(|action| {
        let mut item = action["Item"].clone();
        let version = number(&item, "version")?;
        let mut envelope: Value = serde_json::from_str(text(&item, "envelope")).ok()?;
        envelope["version"] = (version + 1).into();
        item["version"] = json!({"N": (version + 1).to_string()});
        item["envelope"] = json!({"S": envelope.to_string()});
        Some(json!({"TableName": EVENTS, "Item": item}))
    });
    events.collect()
}

/// Ends an answer of the index before the first saga that is no order's.
fn end_at_malformed(answer: &mut Value) {
    let Some(items) = answer["Items"].as_array_mut() else { return };
    let of_index = items.iter().all(|item| !item[OPEN].is_null());
    if let Some(end) = items.iter().position(|saga| of_index && !is_order(saga)) {
        items.truncate(end);
        answer["Count"] = end.into();
        if let Some(fields) = answer.as_object_mut() {
            fields.remove("LastEvaluatedKey");
        }
    }
}

/// Takes the puts of these events out of a transaction that does more than that.
fn detach_events(operation: &str, body: &mut Value, these: impl Fn(&Value) -> bool) -> Vec<Value> {
    let items = match body["TransactItems"].as_array_mut() {
        Some(items) if operation == "TransactWriteItems" => items,
        _ => return Vec::new(),
    };
    let is_event = |item: &Value| item["Put"]["TableName"] == EVENTS && these(&item["Put"]["Item"]);
    let (events, others): (Vec<Value>, Vec<Value>) =
        std::mem::take(items).into_iter().partition(is_event);
    *items = others;
    events.into_iter().map(|mut item| item["Put"].take()).collect()
}
