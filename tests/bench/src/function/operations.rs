//! The operations of DynamoDB that the functions use when nothing goes wrong, their start's look at the tables among them.

use super::tally::Tally;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Asks for write units by table and index.
const INDEXES: &str = "INDEXES";

/// Does what a request asks for, and gives the status and the body of the answer.
///
/// # Panics
/// When it knows no such operation, or can't read the request.
pub(crate) fn answer(
    database: &Database,
    operation: &str,
    body: &[u8],
    tally: &mut Tally,
) -> (u16, String) {
    match operation {
        "PutItem" => {
            let mut request: dynoxide::actions::put_item::PutItemRequest = read(body);
            request.return_consumed_capacity = Some(INDEXES.to_owned());
            let answer = database.put_item(request);
            told(answer, |answer| tally.written(answer.consumed_capacity.take()))
                .unwrap_or_else(|refusal| refused(&refusal, 1.0, tally))
        }
        "UpdateItem" => {
            let mut request: dynoxide::actions::update_item::UpdateItemRequest = read(body);
            request.return_consumed_capacity = Some(INDEXES.to_owned());
            let answer = database.update_item(request);
            told(answer, |answer| tally.written(answer.consumed_capacity.take()))
                .unwrap_or_else(|refusal| refused(&refusal, 1.0, tally))
        }
        "TransactWriteItems" => {
            let mut request: dynoxide::actions::transact_write_items::TransactWriteItemsRequest =
                read(body);
            request.return_consumed_capacity = Some(INDEXES.to_owned());
            let items = request.transact_items.len();
            let answer = database.transact_write_items(request);
            told(answer, |answer| {
                tally.written(answer.consumed_capacity.take().unwrap_or_default());
            })
            .unwrap_or_else(|refusal| refused(&refusal, 2.0 * items as f64, tally))
        }
        "BatchGetItem" => {
            let answer = database.batch_get_item(read(body));
            told(answer, |_| ()).unwrap_or_else(|refusal| refused(&refusal, 0.0, tally))
        }
        other => panic!("the benchmark's DynamoDB knows no {other}"),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> T {
    serde_json::from_slice(body).expect("a request that dynoxide reads")
}

/// The answer, once `note` has taken the write units out of it.
fn told<A: Serialize>(
    answer: Result<A, DynoxideError>,
    note: impl FnOnce(&mut A),
) -> Result<(u16, String), DynoxideError> {
    let mut answer = answer?;
    note(&mut answer);
    Ok((200, serde_json::to_string(&answer).expect("JSON")))
}

fn refused(error: &DynoxideError, units: f64, tally: &mut Tally) -> (u16, String) {
    tally.refused(units);
    (error.status_code(), error.to_json())
}
