//! One transaction for one unit of work, and what its refusal means.

use crate::attempt::Attempt;
use crate::ledger::Record;
use crate::tables::Tables;
use crate::transaction::{Builder, Guard};
use crate::{Failure, Key, Refused, Work};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Put, ReturnValuesOnConditionCheckFailure,
};
use event_schema::Envelope;
use event_store::EventStore;
use std::collections::HashMap;
use std::time::Duration;

/// Tries of a transaction that met another one on the same item, before its message is sent back.
const CONFLICT_TRIES: u32 = 6;
/// The most that the first of those tries waits.
const CONFLICT_BASE: Duration = Duration::from_millis(10);

/// What the commit came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// Everything was written; the text is what the ledger says was done.
    Applied(String),
    /// The event had been applied before: nothing was written.
    Duplicate,
}

/// What a conditional put came to.
#[derive(Debug)]
pub(crate) enum Stored {
    /// It was written.
    Yes,
    /// Its condition did not hold, because of this item.
    No(HashMap<String, AttributeValue>),
}

/// Writes units of work, and ledger records.
pub(crate) struct Committer {
    pub(crate) client: Client,
    pub(crate) ledger: String,
    pub(crate) tables: Tables,
    pub(crate) event_store: Option<EventStore>,
    pub(crate) consumer: &'static str,
}

/// Why a transaction was cancelled.
#[derive(Debug)]
enum Cancelled {
    /// The ledger record was not as the guard asks.
    Guard,
    /// Conditions of these writes did not hold.
    Writes(Vec<Key>),
    /// The stream of an emitted event exists already.
    StreamExists,
    /// Another transaction was at one of the items, or DynamoDB was busy: the same again may succeed.
    Busy,
}

impl Committer {
    /// Commits `work` together with the ledger record of `attempt`.
    ///
    /// # Errors
    /// A [`Failure`] when nothing was written, or when it is not known; the ledger tells on the retry.
    pub(crate) async fn commit(
        &self,
        mut work: Work,
        guard: &Guard,
        attempt: &Attempt,
        cause: &Envelope,
    ) -> Result<Committed, Failure> {
        let mut conflicts = 0;
        loop {
            match self.try_once(&work, guard, attempt, cause).await? {
                Ok(()) => return Ok(Committed::Applied(work.did.into_owned())),
                Err(Cancelled::Guard) => match guard {
                    Guard::Unclaimed => return Ok(Committed::Duplicate),
                    Guard::Claimed(_) => return Err(Failure::retry("the lease ran out")),
                },
                Err(Cancelled::StreamExists) => {
                    return Err(Failure::permanent("a stream that the event should begin exists"));
                }
                Err(Cancelled::Writes(keys)) => match work.otherwise.take() {
                    Some(decide) => work = decide(Refused { keys }),
                    None => return Err(refused(&keys)),
                },
                Err(Cancelled::Busy) => {
                    conflicts += 1;
                    if conflicts == CONFLICT_TRIES {
                        return Err(Failure::retry("other transactions kept the items busy"));
                    }
                    wait_a_little(conflicts).await;
                }
            }
        }
    }

    async fn try_once(
        &self,
        work: &Work,
        guard: &Guard,
        attempt: &Attempt,
        cause: &Envelope,
    ) -> Result<Result<(), Cancelled>, Failure> {
        let items = self.builder().items(&attempt.done(&work.did), guard, work, cause)?;
        match self.client.transact_write_items().set_transact_items(Some(items)).send().await {
            Ok(_) => Ok(Ok(())),
            Err(error) => cancelled(error, work).map(Err),
        }
    }

    /// Writes a ledger record alone. Gives whether the guard let it.
    ///
    /// # Errors
    /// A [`Failure`] when DynamoDB does not take it for another reason.
    pub(crate) async fn record(&self, record: &Record, guard: &Guard) -> Result<bool, Failure> {
        let put = self.builder().record(record, guard)?;
        Ok(matches!(self.put(put).await?, Stored::Yes))
    }

    /// Does one conditional put.
    ///
    /// # Errors
    /// A [`Failure`] when DynamoDB does not take it for another reason.
    pub(crate) async fn put(&self, put: Put) -> Result<Stored, Failure> {
        let request = self
            .client
            .put_item()
            .table_name(put.table_name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_names(put.expression_attribute_names)
            .set_expression_attribute_values(put.expression_attribute_values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(_) => Ok(Stored::Yes),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refusal)) => {
                    Ok(Stored::No(refusal.item.clone().unwrap_or_default()))
                }
                _ => Err(failure(error)),
            },
        }
    }

    pub(crate) fn builder(&self) -> Builder<'_> {
        Builder {
            ledger: &self.ledger,
            tables: &self.tables,
            event_store: self.event_store.as_ref(),
            consumer: self.consumer,
        }
    }
}

fn refused(keys: &[Key]) -> Failure {
    let keys: Vec<_> = keys.iter().map(Key::to_string).collect();
    Failure::retry(format!("the condition on {} does not hold", keys.join(" and ")))
}

async fn wait_a_little(conflicts: u32) {
    let ceiling = CONFLICT_BASE * (1 << conflicts.min(8));
    tokio::time::sleep(ceiling.mul_f64(fastrand::f64())).await;
}

/// Sorts out a refused transaction by DynamoDB's reasons, which come one per item, in the items' order.
fn cancelled(error: SdkError<TransactWriteItemsError>, work: &Work) -> Result<Cancelled, Failure> {
    let reasons = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(e)) => e.cancellation_reasons(),
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
            return Ok(Cancelled::Busy);
        }
        _ => return Err(failure(error)),
    };
    let failed = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    let (guard, rest) = reasons.split_at(reasons.len().min(1));
    let (writes, events) = rest.split_at(rest.len().min(work.writes.len()));
    if guard.iter().any(failed) {
        return Ok(Cancelled::Guard);
    }
    if let Some(reason) = reasons.iter().find(|reason| reason.code() == Some("ValidationError")) {
        let message = reason.message().unwrap_or("a validation error").to_owned();
        return Err(Failure::permanent("DynamoDB refuses the work").caused_by(message));
    }
    let busy = |reason: &CancellationReason| !matches!(reason.code(), None | Some("None"));
    if events.iter().any(failed) {
        return Ok(Cancelled::StreamExists);
    }
    let refused: Vec<Key> = work
        .writes
        .iter()
        .zip(writes)
        .filter(|(_, reason)| failed(reason))
        .map(|(write, _)| write.key.clone())
        .collect();
    match refused.is_empty() {
        false => Ok(Cancelled::Writes(refused)),
        true if reasons.iter().any(busy) => Ok(Cancelled::Busy),
        true => Err(failure(error)),
    }
}

/// The failure that an SDK error is: what DynamoDB calls invalid stays so, all else may pass.
pub(crate) fn failure<E>(error: SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let invalid = error.code() == Some("ValidationException");
    let failure = match invalid {
        true => Failure::permanent("DynamoDB refuses the request"),
        false => Failure::retry("DynamoDB did not take the request"),
    };
    failure.caused_by(error)
}
