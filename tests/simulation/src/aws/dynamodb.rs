//! DynamoDB: from an operation's name to dynoxide's method.

use crate::aws::answer::Answer;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Whether an operation writes.
pub(crate) fn writes(operation: &str) -> bool {
    matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems")
}

/// The writes that a request asks for: each with its table, and its item or its key.
pub(crate) fn actions<'a>(operation: &str, body: &'a mut Value) -> Vec<&'a mut Value> {
    match operation {
        "TransactWriteItems" => {
            let items = body["TransactItems"].as_array_mut().into_iter().flatten();
            items.filter_map(|item| item.as_object_mut()?.values_mut().next()).collect()
        }
        _ if writes(operation) => vec![body],
        _ => Vec::new(),
    }
}

/// Answers a request.
pub(crate) fn answer(db: &Database, operation: &str, body: Value) -> Answer {
    match operation {
        "BatchGetItem" => call(body, |request| db.batch_get_item(request)),
        "BatchWriteItem" => call(body, |request| db.batch_write_item(request)),
        "DeleteItem" => call(body, |request| db.delete_item(request)),
        "GetItem" => call(body, |request| db.get_item(request)),
        "PutItem" => call(body, |request| db.put_item(request)),
        "Query" => call(body, |request| db.query(request)),
        "TransactGetItems" => call(body, |request| db.transact_get_items(request)),
        "TransactWriteItems" => call(body, |request| db.transact_write_items(request)),
        "UpdateItem" => call(body, |request| db.update_item(request)),
        _ => Answer::refusal(400, "UnknownOperationException"),
    }
}

fn call<Q, A>(body: Value, method: impl FnOnce(Q) -> Result<A, DynoxideError>) -> Answer
where
    Q: DeserializeOwned,
    A: Serialize,
{
    let request = match serde_json::from_value(body) {
        Ok(request) => request,
        Err(_) => return Answer::refusal(400, "SerializationException"),
    };
    match method(request) {
        Ok(answer) => Answer::ok(serde_json::to_value(answer).expect("JSON")),
        Err(error) => {
            let body = serde_json::from_str(&error.to_json()).expect("JSON");
            Answer { status: error.status_code(), body }
        }
    }
}
