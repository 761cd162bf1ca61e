//! DynamoDB, as a consumer's commits and ledger records use it.

use crate::guard::Guard;
use crate::heads::Heads;
use crate::items::Builder;
use crate::ledger::{PastEffect, PastFailure, Record};
use crate::tables::Tables;
use crate::{Failure, Host};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, Update};
use fanfare_event_store::{EventStore, Updated};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// What DynamoDB goes by in failures, logs and metrics.
pub(crate) const DYNAMODB: &str = "dynamodb";
/// The most failures that a ledger record holds, and of how many at the beginning and at the end it is shortened to.
const MOST_FAILURES: usize = 20;
const KEPT_FAILURES: usize = 5;
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

    /// Takes note that an attempt begins of which nothing may be heard again.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub(crate) async fn begun(&self, record: &Record) -> Result<Stored, Failure> {
        self.update(self.builder().begun(record)?).await
    }

    /// What the ledger has of an event; nothing where it has no record.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub(crate) async fn look(&self, ledger_id: &str) -> Result<Option<Record>, Failure> {
        let (Stored::Yes(item) | Stored::No(item)) =
            self.update(self.builder().look(ledger_id)?).await?;
        if item.is_empty() {
            return Ok(None);
        }
        let record = serde_dynamo::from_item(item);
        record.map(Some).map_err(|error| {
            Failure::permanent("the ledger's record can't be read").caused_by(error)
        })
    }

    /// Takes note that an attempt has ended which was noted to have begun.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub(crate) async fn ended(&self, ledger_id: &str) -> Result<Stored, Failure> {
        self.update(self.builder().ended(ledger_id)?).await
    }

    /// Takes note that the failure just recorded was the last one of its message. Gives whether it still was that by then.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub(crate) async fn given_up(&self, ledger_id: &str) -> Result<bool, Failure> {
        let stored = self.update(self.builder().given_up(ledger_id)?).await?;
        Ok(matches!(stored, Stored::Yes(_)))
    }

    /// Keeps the first and the last of an event's failures, if they are so many by now that the record gets dear: an item has
    /// 400 KB at the most, and what it has is billed with every write
    /// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>).
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub(crate) async fn shorten(
        &self,
        ledger_id: &str,
        failures: &[PastFailure],
    ) -> Result<(), Failure> {
        if failures.len() <= MOST_FAILURES {
            return Ok(());
        }
        let first = failures.iter().take(KEPT_FAILURES);
        let last = failures.iter().skip(failures.len() - KEPT_FAILURES);
        let kept: Vec<_> = first.chain(last).collect();
        self.update(self.builder().shorten(ledger_id, &kept, failures.len())?).await.map(drop)
    }

    /// Does one conditional update.
    async fn update(&self, update: Update) -> Result<Stored, Failure> {
        match fanfare_event_store::update(&self.client, update).await {
            Ok(Updated::Done(item)) => Ok(Stored::Yes(item)),
            Ok(Updated::Refused(item)) => Ok(Stored::No(item.unwrap_or_default())),
            Err(error) => Err(failure(Arc::new(error))),
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
        Some("TransactionConflictException") => Failure::busy("a transaction kept the item busy"),
        _ => Failure::unavailable(DYNAMODB, "DynamoDB did not take the request"),
    };
    failure.caused_by(error)
}
