//! Commits units of work in as few transactions as they fit into.

use crate::case::Settled;
use crate::committer::{Committer, DYNAMODB, failure};
use crate::group;
use crate::process::Processed;
use crate::ready::Ready;
use crate::refusal::{Verdict, verdicts};
use crate::transaction::{self, Transaction};
use crate::{Failure, Key, Refused};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Transactions of a member that may meet another one on the same item before its message is sent back.
const CONFLICT_TRIES: u32 = 6;

/// Units of work on their way into DynamoDB. Each is in one of these places at any time, also when the commit is broken
/// off.
pub(crate) struct Commit {
    /// In one of the next transactions.
    waiting: VecDeque<Ready>,
    /// Once it is known what becomes of those.
    later: VecDeque<Ready>,
    /// In the transaction under way.
    sent: Vec<Ready>,
    /// At their ends, or to be decided anew.
    processed: Processed,
    /// Members of the next transaction at the most.
    limit: usize,
}

/// What a transaction met that was under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Met {
    /// One at the end of a stream: once it is known where that stands, the same may go through.
    Stream(u32),
    /// One at another item; and how often a member did by now.
    Item(u32),
}

impl Commit {
    pub(crate) fn of(ready: Vec<Ready>) -> Self {
        Self {
            waiting: VecDeque::from(ready),
            later: VecDeque::new(),
            sent: Vec::new(),
            processed: Processed::default(),
            limit: usize::MAX,
        }
    }

    /// Commits every member: its work with its ledger record, all or nothing. May be broken off at any await point:
    /// what became of the transaction under way is unknown then.
    pub(crate) async fn run(&mut self, committer: &Committer) {
        while !self.waiting.is_empty() || !self.later.is_empty() {
            if self.waiting.is_empty() {
                self.waiting = std::mem::take(&mut self.later);
            }
            self.sent = group::take(&mut self.waiting, self.limit);
            let size = self.sent.len();
            let met = match self.build(committer).await {
                Some(transaction) => self.send(committer, transaction).await,
                None => None,
            };
            self.limit = match met {
                // Smaller transactions meet others less often.
                Some(Met::Item(_)) => (size / 2).max(1),
                Some(Met::Stream(_)) | None => self.limit.saturating_mul(2),
            };
            match met {
                Some(Met::Item(conflicts)) => committer.wait_a_little(conflicts).await,
                // The first time, to know where the stream stands now is enough.
                Some(Met::Stream(conflicts)) if conflicts > 1 => {
                    committer.wait_a_little(conflicts).await;
                }
                Some(Met::Stream(_)) | None => {}
            }
        }
    }

    /// What became of each member, once the commit has ended or was broken off.
    pub(crate) fn end(self) -> Processed {
        let mut processed = self.processed;
        let left = self.sent.into_iter().chain(self.waiting).chain(self.later);
        let late = || Failure::unavailable(DYNAMODB, "the work was not committed in time");
        processed.settled.extend(left.map(|ready| ready.failed(late())));
        processed
    }

    /// Builds the transaction of the group that is to be sent; `None` when it has to be taken anew, without those that
    /// can't be in any.
    async fn build(&mut self, committer: &Committer) -> Option<Transaction> {
        let mut known = committer.known_heads(&self.sent);
        if let Err(failure) = committer.ask_heads(&mut known).await {
            let announces = |one: &Ready| {
                one.work.events.iter().any(|event| known.unknown.contains(&event.stream))
            };
            self.set_aside(|_, one| announces(one).then(|| failure.again()));
            return None;
        }
        match transaction::build(&self.sent, &known.heads, &committer.builder()) {
            Ok(transaction) => Some(transaction),
            Err((guilty, failure)) => {
                let mut failure = Some(failure);
                self.set_aside(|n, _| failure.take_if(|_| n == guilty));
                None
            }
        }
    }

    /// Ends those of the group that fail; the others wait for another one.
    fn set_aside(&mut self, mut fails: impl FnMut(usize, &Ready) -> Option<Failure>) {
        for (n, one) in self.sent.drain(..).enumerate().rev() {
            match fails(n, &one) {
                Some(failure) => self.processed.settled.push(one.failed(failure)),
                None => self.waiting.push_front(one),
            }
        }
    }

    /// Sends the group. Members that may succeed in another go back to the queues. Gives what it met.
    async fn send(&mut self, committer: &Committer, transaction: Transaction) -> Option<Met> {
        let Transaction { items, slots, heads } = transaction;
        let request = committer.client.transact_write_items().set_transact_items(Some(items));
        let error = match request.send().await {
            Ok(_) => {
                heads.iter().for_each(|(stream, head)| committer.heads.raise(stream, *head));
                self.processed.settled.extend(self.sent.drain(..).map(applied));
                return None;
            }
            Err(error) => error,
        };
        let size = self.sent.len();
        let verdicts = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                verdicts(&self.sent, &slots, cancelled.cancellation_reasons())
            }
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
                self.sent.iter().map(|_| Verdict::Busy).collect()
            }
            // One of the members is invalid by itself: alone, it will show.
            _ if is_invalid(&error) && size > 1 => {
                self.set_aside(|_, _| None);
                return Some(Met::Item(0));
            }
            _ => {
                let error = Arc::new(error);
                self.set_aside(|_, _| Some(failure(Arc::clone(&error))));
                return None;
            }
        };
        self.judge(verdicts)
    }

    /// Deals with a refused group as the verdicts say.
    fn judge(&mut self, verdicts: Vec<Verdict>) -> Option<Met> {
        // A refusal for which nobody is to blame any more is a conflict like another.
        let nobody = verdicts.iter().all(|verdict| matches!(verdict, Verdict::Again));
        let mut met = None;
        for (mut one, verdict) in std::mem::take(&mut self.sent).into_iter().zip(verdicts).rev() {
            let meets = match verdict {
                Verdict::Overtaken => Some(Met::Stream(one.conflicts + 1)),
                Verdict::Busy | Verdict::Throttled => Some(Met::Item(one.conflicts + 1)),
                Verdict::Again if nobody => Some(Met::Item(one.conflicts + 1)),
                _ => None,
            };
            one.conflicts += u32::from(meets.is_some());
            one.is_overtaken = matches!(verdict, Verdict::Overtaken);
            met = met.max(meets);
            self.settle(one, verdict);
        }
        met
    }

    /// Puts a member where its verdict says: into another transaction, or at its end.
    fn settle(&mut self, mut one: Ready, verdict: Verdict) {
        let may_again = one.conflicts < CONFLICT_TRIES;
        let settled = match verdict {
            Verdict::Later => return self.later.push_front(one),
            Verdict::Again | Verdict::Busy | Verdict::Throttled | Verdict::Overtaken
                if may_again =>
            {
                return self.waiting.push_front(one);
            }
            Verdict::Throttled => {
                one.failed(Failure::unavailable(DYNAMODB, "DynamoDB kept throttling the items"))
            }
            Verdict::Again | Verdict::Busy => {
                one.failed(Failure::busy("other transactions kept the items busy"))
            }
            Verdict::Overtaken => one
                .failed(Failure::busy("others kept appending to the stream that it announces on")),
            Verdict::Duplicate => one.done(None),
            Verdict::Outdated => match one.outdated() {
                Ok(case) => return self.processed.outdated.insert(0, case),
                Err(settled) => *settled,
            },
            Verdict::Failed(failure) => one.failed(failure),
            Verdict::Refused(refused) => match one.work.otherwise.take() {
                Some(decide) => match catch_unwind(AssertUnwindSafe(|| decide(refused))) {
                    Ok(work) => return self.waiting.push_front(Ready { work, ..one }),
                    Err(_) => one.failed(Failure::panicked()),
                },
                None => one.failed(does_not_hold(&refused)),
            },
        };
        self.processed.settled.push(settled);
    }
}

/// The end of a member that was committed.
fn applied(mut one: Ready) -> Settled {
    let did = std::mem::take(&mut one.work.did).into_owned();
    one.done(Some(did))
}

fn does_not_hold(refused: &Refused) -> Failure {
    let keys: Vec<_> = refused.keys.iter().map(Key::to_string).collect();
    Failure::retry(format!("the condition on {} does not hold", keys.join(" and ")))
}

fn is_invalid<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    error.code() == Some("ValidationException")
}
