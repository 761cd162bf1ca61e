//! Commits units of work in as few transactions as they fit into.

use crate::group::{self, Member, Transaction};
use crate::ledger::{PastEffect, Record};
use crate::refusal::{Verdict, verdicts};
use crate::tables::Tables;
use crate::transaction::{Builder, Guard};
use crate::{Failure, Key, Refused, Surroundings};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, Update};
use fanfare_event_store::EventStore;
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// What DynamoDB goes by in failures, logs and metrics.
pub(crate) const DYNAMODB: &str = "dynamodb";
/// Transactions of a member that may meet another one on the same item before its message is sent back.
const CONFLICT_TRIES: u32 = 6;
/// The most that the first of those tries waits.
const CONFLICT_BASE: Duration = Duration::from_millis(10);

/// What a commit came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// Everything was written; the text is what the ledger says was done.
    Applied(String),
    /// The event had been applied before, says the ledger: nothing was written.
    Duplicate,
    /// The event had been applied before, as this execution environment knows: the ledger was not asked.
    Known,
}

/// Why nothing was written, or is not known to be.
#[derive(Debug)]
pub(crate) enum Setback {
    Failed(Failure),
    /// What the handler decided from has changed since.
    Outdated,
}

impl Setback {
    /// The failure that it is when nobody decides again.
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Failed(failure) => failure,
            Self::Outdated => Failure::retry("what it was decided from kept changing"),
        }
    }
}

impl From<Failure> for Setback {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

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
    pub(crate) consumer: &'static str,
    pub(crate) surroundings: Surroundings,
}

/// The results so far, by the member's place in the batch.
pub(crate) type Results = Vec<(usize, Result<Committed, Setback>)>;

/// Members that are still to be committed.
struct Queues<'q, 'a> {
    /// In one of the next transactions.
    waiting: &'q mut VecDeque<Member<'a>>,
    /// Once it is known what becomes of those.
    later: &'q mut VecDeque<Member<'a>>,
}

impl Committer {
    /// Commits every member: its work with its ledger record, all or nothing. Adds a result for each, by its
    /// place in the batch, as soon as there is one: when this is cancelled, those without are unknown. A
    /// setback means that nothing was written, or that it is not known; the ledger tells on the retry.
    pub(crate) async fn commit(&self, members: Vec<Member<'_>>, results: &mut Results) {
        let mut waiting = VecDeque::from(members);
        let mut later = VecDeque::new();
        let mut limit = usize::MAX;
        while !waiting.is_empty() || !later.is_empty() {
            if waiting.is_empty() {
                waiting = std::mem::take(&mut later);
            }
            let group = group::take(&mut waiting, limit);
            let conflicted = match self.build(&group) {
                Ok(transaction) => {
                    let mut queues = Queues { waiting: &mut waiting, later: &mut later };
                    self.send(group, transaction, &mut queues, results).await
                }
                Err((guilty, failure)) => {
                    set_aside(group, guilty, failure, &mut waiting, results);
                    None
                }
            };
            match conflicted {
                Some((members, conflicts)) => {
                    // Smaller transactions meet others less often.
                    limit = (members / 2).max(1);
                    self.wait_a_little(conflicts).await;
                }
                None => limit = limit.saturating_mul(2),
            }
        }
    }

    fn build(&self, group: &[Member<'_>]) -> Result<Transaction, (usize, Failure)> {
        group::transaction(group, &self.builder())
    }

    /// Sends one group. Members that may succeed in another go back to the queues. When it met another
    /// transaction, gives the group's size and how often its members did by now.
    async fn send<'a>(
        &self,
        group: Vec<Member<'a>>,
        transaction: Transaction,
        queues: &mut Queues<'_, 'a>,
        results: &mut Results,
    ) -> Option<(usize, u32)> {
        let Transaction { items, slots } = transaction;
        let request = self.client.transact_write_items().set_transact_items(Some(items));
        let error = match request.send().await {
            Ok(_) => {
                let applied =
                    |m: Member<'_>| (m.place, Ok(Committed::Applied(m.work.did.into_owned())));
                results.extend(group.into_iter().map(applied));
                return None;
            }
            Err(error) => error,
        };
        let size = group.len();
        let verdicts = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                verdicts(&group, &slots, cancelled.cancellation_reasons())
            }
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
                group.iter().map(|_| Verdict::Busy).collect()
            }
            // One of the members is invalid by itself: alone, it will show.
            _ if is_invalid(&error) && size > 1 => {
                group.into_iter().rev().for_each(|member| queues.waiting.push_front(member));
                return Some((size, 0));
            }
            _ => {
                let error = Arc::new(error);
                let failed = |m: Member<'_>| (m.place, Err(failure(Arc::clone(&error)).into()));
                results.extend(group.into_iter().map(failed));
                return None;
            }
        };
        let nobody = verdicts.iter().all(|verdict| matches!(verdict, Verdict::Again));
        let mut conflicts = None;
        for (member, verdict) in group.into_iter().zip(verdicts).rev() {
            // A refusal for which nobody is to blame any more is a conflict like another.
            let busy = nobody || matches!(verdict, Verdict::Busy | Verdict::Throttled);
            let met = member.conflicts + u32::from(busy);
            if busy {
                conflicts = conflicts.max(Some((size, met)));
            }
            let is_later = matches!(verdict, Verdict::Later);
            match settle(Member { conflicts: met, ..member }, verdict) {
                Ok(again) if is_later => queues.later.push_front(again),
                Ok(again) => queues.waiting.push_front(again),
                Err(result) => results.push(result),
            }
        }
        conflicts
    }

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

    async fn wait_a_little(&self, conflicts: u32) {
        let ceiling = CONFLICT_BASE * (1 << conflicts.min(8));
        let share = self.surroundings.random(fastrand::Rng::f64);
        tokio::time::sleep(ceiling.mul_f64(share)).await;
    }

    pub(crate) fn builder(&self) -> Builder<'_> {
        Builder {
            ledger: &self.ledger,
            tables: &self.tables,
            event_store: self.event_store.as_ref(),
            consumer: self.consumer,
            now: self.surroundings.now(),
        }
    }
}

/// Takes the member whose work can't be written out of its group; the others wait on.
fn set_aside<'a>(
    group: Vec<Member<'a>>,
    guilty: usize,
    failure: Failure,
    waiting: &mut VecDeque<Member<'a>>,
    results: &mut Results,
) {
    let mut failure = Some(failure);
    for (n, member) in group.into_iter().enumerate().rev() {
        match failure.take_if(|_| n == guilty) {
            Some(failure) => results.push((member.place, Err(failure.into()))),
            None => waiting.push_front(member),
        }
    }
}

/// What a verdict comes to: the member for another transaction, or its result.
fn settle(
    mut member: Member<'_>,
    verdict: Verdict,
) -> Result<Member<'_>, (usize, Result<Committed, Setback>)> {
    let place = member.place;
    match verdict {
        Verdict::Later => Ok(member),
        Verdict::Again | Verdict::Busy | Verdict::Throttled
            if member.conflicts < CONFLICT_TRIES =>
        {
            Ok(member)
        }
        Verdict::Throttled => {
            let failure = Failure::unavailable(DYNAMODB, "DynamoDB kept throttling the items");
            Err((place, Err(failure.into())))
        }
        Verdict::Again | Verdict::Busy => {
            Err((place, Err(Failure::retry("other transactions kept the items busy").into())))
        }
        Verdict::Duplicate => Err((place, Ok(Committed::Duplicate))),
        Verdict::Outdated => Err((place, Err(Setback::Outdated))),
        Verdict::Failed(failure) => Err((place, Err(failure.into()))),
        Verdict::Refused(refused) => match member.work.otherwise.take() {
            Some(decide) => match catch_unwind(AssertUnwindSafe(|| decide(refused))) {
                Ok(work) => Ok(Member { work, ..member }),
                Err(_) => Err((place, Err(Failure::panicked().into()))),
            },
            None => Err((place, Err(does_not_hold(&refused).into()))),
        },
    }
}

fn does_not_hold(refused: &Refused) -> Failure {
    let keys: Vec<_> = refused.keys.iter().map(Key::to_string).collect();
    Failure::retry(format!("the condition on {} does not hold", keys.join(" and ")))
}

fn is_invalid<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    error.code() == Some("ValidationException")
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
