//! What a request to DynamoDB costs there. dynoxide works it out when it is asked to; whose answer it is sees it only if he
//! asked himself.

use dynoxide::DynoxideError;
use dynoxide::actions::{
    batch_get_item, batch_write_item, delete_item, get_item, put_item, query, scan,
    transact_get_items, transact_write_items, update_item,
};
use dynoxide::types::ConsumedCapacity;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::dynamodb::{read, write};

/// What a request consumed.
#[derive(Debug, Default)]
pub(crate) struct Consumed {
    /// What was done.
    pub(crate) done: Vec<ConsumedCapacity>,
    /// Write units of what was refused. DynamoDB bills it and does not say how much: this is what the write of items up to
    /// 1 KB would have cost.
    pub(crate) refused: f64,
}

impl Consumed {
    fn note<T>(&mut self, result: &Result<T, DynoxideError>, items: usize) {
        let items = u32::try_from(items).map_or(f64::INFINITY, f64::from);
        self.refused += match result {
            Err(DynoxideError::ConditionalCheckFailedException(..)) => items,
            Err(DynoxideError::TransactionCanceledException(..)) => 2.0 * items,
            _ => 0.0,
        };
    }
}

/// A request that may ask for what it consumes.
pub(super) trait Asks: DeserializeOwned {
    fn asks(&mut self) -> &mut Option<String>;
}

/// An answer that may tell it.
pub(super) trait Tells: Serialize {
    /// What it tells; taken out of it unless it is to stay.
    fn told(&mut self, stays: bool) -> Vec<ConsumedCapacity>;
}

/// Does what a request asks for, and adds what that consumed.
pub(super) fn metered<Q: Asks, A: Tells>(
    body: &[u8],
    consumed: &mut Consumed,
    method: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError> {
    metered_request(read(body)?, 1, consumed, method)
}

/// The same of a request that is read, and of how many items it is.
pub(super) fn metered_request<Q: Asks, A: Tells>(
    mut request: Q,
    items: usize,
    consumed: &mut Consumed,
    method: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError> {
    let asks = request.asks();
    let is_asked = asks.as_deref().is_some_and(|mode| mode != "NONE");
    if !is_asked {
        *asks = Some("TOTAL".to_owned());
    }
    let answer = method(request);
    consumed.note(&answer, items);
    let mut answer = answer?;
    consumed.done.extend(answer.told(is_asked));
    write(&answer)
}

/// Requests and answers by dynoxide's modules, which all name these fields alike.
macro_rules! metered {
    ($($module:ident: $request:ident, $answer:ident;)*) => {$(
        impl Asks for $module::$request {
            fn asks(&mut self) -> &mut Option<String> {
                &mut self.return_consumed_capacity
            }
        }

        impl Tells for $module::$answer {
            fn told(&mut self, stays: bool) -> Vec<ConsumedCapacity> {
                let told = self.consumed_capacity.clone().into_iter().flatten_told();
                if !stays {
                    self.consumed_capacity = None;
                }
                told
            }
        }
    )*};
}

/// Some answers tell of one table, some of several.
trait Flatten {
    fn flatten_told(self) -> Vec<ConsumedCapacity>;
}

impl Flatten for std::option::IntoIter<ConsumedCapacity> {
    fn flatten_told(self) -> Vec<ConsumedCapacity> {
        self.collect()
    }
}

impl Flatten for std::option::IntoIter<Vec<ConsumedCapacity>> {
    fn flatten_told(self) -> Vec<ConsumedCapacity> {
        self.flatten().collect()
    }
}

metered! {
    batch_get_item: BatchGetItemRequest, BatchGetItemResponse;
    batch_write_item: BatchWriteItemRequest, BatchWriteItemResponse;
    delete_item: DeleteItemRequest, DeleteItemResponse;
    get_item: GetItemRequest, GetItemResponse;
    put_item: PutItemRequest, PutItemResponse;
    query: QueryRequest, QueryResponse;
    scan: ScanRequest, ScanResponse;
    transact_get_items: TransactGetItemsRequest, TransactGetItemsResponse;
    transact_write_items: TransactWriteItemsRequest, TransactWriteItemsResponse;
    update_item: UpdateItemRequest, UpdateItemResponse;
}
