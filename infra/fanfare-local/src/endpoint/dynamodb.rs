//! DynamoDB and DynamoDBStreams over HTTP: from `X-Amz-Target` to dynoxide's methods.
//!
//! dynoxide's own server can only own a listener, so its dispatch is repeated here for its public methods.

use bytes::Bytes;
use dynoxide::actions::execute_transaction::ExecuteTransactionRequest;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::{Database, DynoxideError};
use http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::consumed::{Consumed, metered, metered_request};
use super::expression_depth;
use super::request_tokens::{Sent, TransactionTokens};
use crate::http_server::{Reply, reply};
use crate::tables::Tables;
use crate::usage::Meter;

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// What dynoxide begins every ARN with. It reads only the table's name of one, so that any region will do.
const DYNOXIDE_ARN: &str = "arn:aws:dynamodb:dynoxide:";

/// Operations after which a stream may have something new.
fn writes(operation: &str) -> bool {
    matches!(
        operation,
        "PutItem"
            | "UpdateItem"
            | "DeleteItem"
            | "TransactWriteItems"
            | "BatchWriteItem"
            | "ExecuteStatement"
            | "ExecuteTransaction"
            | "BatchExecuteStatement"
    )
}

/// Operations that answer with ARNs.
fn describes(operation: &str) -> bool {
    operation.ends_with("Table") || operation == "ListStreams"
}

/// The unit in which an operation is billed.
pub(crate) fn meter(operation: &str) -> Meter {
    if writes(operation) { Meter::DynamodbWriteUnits } else { Meter::DynamodbReadUnits }
}

/// Answers one request, and tells what it consumed.
pub(crate) async fn handle(
    tables: &Tables,
    region: &str,
    operation: &str,
    body: Bytes,
) -> (Reply, Consumed) {
    let (name, tokens) = (operation.to_owned(), tables.tokens.clone());
    let (result, consumed) = tables
        .call(move |database| {
            let mut consumed = Consumed::default();
            (dispatch(database, &tokens, &name, &body, &mut consumed), consumed)
        })
        .await;
    if writes(operation) {
        tables.note_write();
    }
    let reply = match result {
        Ok(body) if describes(operation) => {
            let ours = format!("arn:aws:dynamodb:{region}:");
            reply(StatusCode::OK, CONTENT_TYPE, body.replace(DYNOXIDE_ARN, &ours))
        }
        Ok(body) => reply(StatusCode::OK, CONTENT_TYPE, body),
        Err(error) => {
            let status =
                StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST);
            reply(status, CONTENT_TYPE, error.to_json())
        }
    };
    (reply, consumed)
}

fn dispatch(
    db: &Database,
    tokens: &TransactionTokens,
    operation: &str,
    body: &[u8],
    consumed: &mut Consumed,
) -> Result<String, DynoxideError> {
    expression_depth::check(body).map_err(DynoxideError::ValidationException)?;
    match operation {
        "BatchExecuteStatement" => call(body, |request| db.batch_execute_statement(request)),
        "BatchGetItem" => metered(body, consumed, |request| db.batch_get_item(request)),
        "BatchWriteItem" => metered(body, consumed, |request| db.batch_write_item(request)),
        "CreateTable" => call(body, |request| db.create_table(request)),
        "DeleteItem" => metered(body, consumed, |request| db.delete_item(request)),
        "DeleteTable" => call(body, |request| db.delete_table(request)),
        "DescribeStream" => call(body, |request| db.describe_stream(request)),
        "DescribeTable" => call(body, |request| db.describe_table(request)),
        "DescribeTimeToLive" => call(body, |request| db.describe_time_to_live(request)),
        "ExecuteStatement" => call(body, |request| db.execute_statement(request)),
        "ExecuteTransaction" => execute_transaction(db, tokens, body),
        "GetItem" => metered(body, consumed, |request| db.get_item(request)),
        "GetRecords" => call(body, |request| db.get_records(request)),
        "GetShardIterator" => call(body, |request| db.get_shard_iterator(request)),
        "ListStreams" => call(body, |request| db.list_streams(request)),
        "ListTables" => call(body, |request| db.list_tables(request)),
        "ListTagsOfResource" => call(body, |request| db.list_tags_of_resource(request)),
        "PutItem" => metered(body, consumed, |request| db.put_item(request)),
        "Query" => metered(body, consumed, |request| db.query(request)),
        "Scan" => metered(body, consumed, |request| db.scan(request)),
        "TagResource" => call(body, |request| db.tag_resource(request)),
        "TransactGetItems" => metered(body, consumed, |request| db.transact_get_items(request)),
        "TransactWriteItems" => transact_write_items(db, tokens, body, consumed),
        "UntagResource" => call(body, |request| db.untag_resource(request)),
        "UpdateItem" => metered(body, consumed, |request| db.update_item(request)),
        "UpdateTable" => call(body, |request| db.update_table(request)),
        "UpdateTimeToLive" => call(body, |request| db.update_time_to_live(request)),
        _ => Err(DynoxideError::UnsupportedCapability(format!("{operation} on this machine"))),
    }
}

fn transact_write_items(
    db: &Database,
    tokens: &TransactionTokens,
    body: &[u8],
    consumed: &mut Consumed,
) -> Result<String, DynoxideError> {
    let mut request: TransactWriteItemsRequest = read(body)?;
    let sent = Sent::take(&mut request.client_request_token, &request.transact_items)?;
    let items = request.transact_items.len();
    tokens.transact_write_items.once(sent, || {
        metered_request(request, items, consumed, |request| db.transact_write_items(request))
    })
}

fn execute_transaction(
    db: &Database,
    tokens: &TransactionTokens,
    body: &[u8],
) -> Result<String, DynoxideError> {
    let mut request: ExecuteTransactionRequest = read(body)?;
    let sent = Sent::take(&mut request.client_request_token, &request.transact_statements)?;
    tokens.execute_transaction.once(sent, || write(&db.execute_transaction(request)?))
}

fn call<Q, A>(
    body: &[u8],
    method: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError>
where
    Q: DeserializeOwned,
    A: Serialize,
{
    write(&method(read(body)?)?)
}

pub(super) fn read<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| unreadable(&error.to_string()))
}

pub(super) fn write(answer: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(answer)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// dynoxide's readers mark what DynamoDB answers with a validation error rather than a serialization error.
fn unreadable(message: &str) -> DynoxideError {
    let text = message.split(" at line ").next().unwrap_or(message);
    match text.split_once(':') {
        Some((marker, text)) if marker.starts_with("VALIDATION") => {
            DynoxideError::ValidationException(text.to_owned())
        }
        Some((marker, text)) if marker.starts_with("SERIALIZATION") => {
            DynoxideError::SerializationException(text.to_owned())
        }
        _ if ["missing field", "unknown variant", "invalid type: null", "AttributeValue"]
            .iter()
            .any(|validated| text.contains(validated)) =>
        {
            DynoxideError::ValidationException(text.to_owned())
        }
        _ => DynoxideError::SerializationException(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unknown_table_and_an_unreadable_request_are_dynamodbs_own_errors() {
        let tables = Tables::open(None).expect("tables");
        let missing = br#"{"TableName":"things","Key":{"id":{"S":"1"}}}"#;
        let (answer, _) =
            handle(&tables, "us-east-1", "GetItem", Bytes::from_static(missing)).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        for (body, class) in [
            (missing.as_slice(), "ResourceNotFoundException"),
            (br#"{"Key":{}}"#, "ValidationException"),
            (br#"{"TableName":7}"#, "SerializationException"),
        ] {
            let mut consumed = Consumed::default();
            let error = dispatch(&tables.database, &tables.tokens, "GetItem", body, &mut consumed)
                .expect_err("an error");
            assert!(error.to_json().contains(class), "{}", error.to_json());
        }
    }

    #[tokio::test]
    async fn a_write_wakes_the_stream_readers_and_a_read_does_not() {
        let tables = Tables::open(None).expect("tables");
        let mut writes = tables.writes();
        drop(handle(&tables, "us-east-1", "ListTables", Bytes::from_static(b"{}")).await);
        assert!(!writes.has_changed().expect("open"));
        drop(handle(&tables, "us-east-1", "PutItem", Bytes::from_static(b"{}")).await);
        writes.changed().await.expect("open");
    }
}
