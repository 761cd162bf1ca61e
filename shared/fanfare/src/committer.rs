//! DynamoDB, as a consumer's commits and ledger records use it.

use crate::guard::Guard;
use crate::heads::Heads;
use crate::items::Builder;
use crate::ledger::{PastEffect, Record};
use crate::tables::Tables;
use crate::{Failure, Host};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, Update};
use fanfare_event_store::EventStore;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// What DynamoDB goes by in failures, logs and metrics.
pub(crate) const DYNAMODB: &str = "dynamodb";
/// The most that the first further try waits after a conflict.
const CONFLICT_BASE: Duration = Duration::from_millis(10);

/// What a conditional write came to.
#[derive(Debug)]
pub(crate) enum Stored {
    /// It was written, and this is the item now.
    Yes(HashMap<String, AttributeValue>),
    /// Its condition did not hold, because of this item.
    No(HashMap<String, AttributeValue>),
}

/// Writes units of work, and ledger records.
pub(crate) struct Committer {
    pub(crate) client: Client,
    pub(crate) ledger: String,
    pub(crate) tables: Tables,
    pub(crate) event_store: Option<EventStore>,
    pub(crate) heads: Heads,
    pub(crate) consumer: &'static str,
    pub(crate) host: Host,
}

impl Committer {
    /// Writes a ledger record alone.
    ///
    /// # Errors
    /// A [`Failure`] when DynamoDB does not take it, other than because of the guard.
    pub(crate) async fn record(&self, record: &Record, guard: &Guard) -> Result<Stored, Failure> {
        self.update(self.builder().record(record, guard)?).await
    }

    /// Keeps what an effect came to, while its claim is still this one.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub(crate) async fn keep(
        &self,
        ledger_id: &str,
        token: &str,
        effect: &PastEffect,
    ) -> Result<Stored, Failure> {
        self.update(self.builder().keep(ledger_id, token, effect)?).await
    }

    /// Does one conditional update.
    async fn update(&self, update: Update) -> Result<Stored, Failure> {
        let request = self
            .client
            .update_item()
            .table_name(update.table_name)
            .set_key(Some(update.key))
            .update_expression(update.update_expression)
            .set_condition_expression(update.condition_expression)
            .set_expression_attribute_names(update.expression_attribute_names)
            .set_expression_attribute_values(update.expression_attribute_values)
            .set_return_values_on_condition_check_failure(
                update.return_values_on_condition_check_failure,
            )
            .return_values(ReturnValue::AllNew);
        match request.send().await {
            Ok(answer) => Ok(Stored::Yes(answer.attributes.unwrap_or_default())),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
                    Ok(Stored::No(refusal.item.clone().unwrap_or_default()))
                }
                _ => Err(failure(Arc::new(error))),
            },
        }
    }

    /// Waits before another try, longer after more conflicts.
    pub(crate) async fn wait_a_little(&self, conflicts: u32) {
        let ceiling = CONFLICT_BASE * (1 << conflicts.min(8));
        let share = self.host.random(fastrand::Rng::f64);
        tokio::time::sleep(ceiling.mul_f64(share)).await;
    }

    pub(crate) fn builder(&self) -> Builder<'_> {
        Builder {
            ledger: &self.ledger,
            tables: &self.tables,
            event_store: self.event_store.as_ref(),
            consumer: self.consumer,
            now: self.host.now(),
        }
    }
}

/// The failure that an SDK error is: what DynamoDB calls invalid stays so, all else may pass.
pub(crate) fn failure<E>(error: Arc<SdkError<E>>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let failure = match error.code() {
        Some("ValidationException") => Failure::permanent("DynamoDB refuses the request"),
        Some("TransactionConflictException") => Failure::retry("a transaction kept the item busy"),
        _ => Failure::unavailable(DYNAMODB, "DynamoDB did not take the request"),
    };
    failure.caused_by(error)
}
