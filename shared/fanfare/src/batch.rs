//! A batch: every record on its own, in the order that the queue asks for.

use crate::Consumer;
use crate::admission::Admitted;
use crate::case::{End, Handled};
use crate::circuit_breaker::CircuitBreakers;
use crate::committer::Committer;
use crate::crash_loop::SortedOut;
use crate::deduplication::Applied;
use crate::message::Message;
use crate::queue::Queue;
use crate::spans::Spans;
use crate::time_left::TimeLeft;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use fanfare_event::{Payload, Timestamp};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, join_all};
use std::time::Duration;

/// A consumer with all that it runs on; made by [`Consumer::on`], for tests and simulations that bring batches of their
/// own. A function needs no more than [`Consumer::run`].
///
/// It takes several batches at once, but a Lambda execution environment gives it one at a time.
///
/// ```no_run
/// use fanfare::aws::SqsEvent;
/// use fanfare::{NoEffect, Payload, Runtime, Timestamp};
/// use std::time::Duration;
///
/// async fn returned<P>(runtime: &Runtime<P, NoEffect>, batch: SqsEvent) -> usize
/// where
///     P: Payload + Send + 'static,
/// {
///     let deadline = Timestamp::now() + Duration::from_secs(10);
///     runtime.handle(batch, deadline).await.batch_item_failures.len()
/// }
/// ```
pub struct Runtime<P, Fx> {
    pub(crate) consumer: Consumer<P, Fx>,
    /// The function's name, for its metrics.
    pub(crate) function: String,
    pub(crate) committer: Committer,
    pub(crate) queue: Queue,
    pub(crate) breakers: CircuitBreakers,
    pub(crate) applied: Applied,
    pub(crate) spans: Option<Spans>,
    /// A message that fails that often goes to the dead-letter queue.
    pub(crate) max_tries: u32,
}

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Handles a batch as Lambda delivers it, and names the records that failed: those that SQS is to keep. `deadline`
    /// is when the invocation's time is over; the last tenth of it, a second at the most, is kept for returning what
    /// is unfinished.
    pub fn handle(
        &self,
        batch: SqsEvent,
        deadline: Timestamp,
    ) -> LocalBoxFuture<'_, SqsBatchResponse> {
        // Boxed, or the nesting of its future would exceed the compiler's limit in every function's `main`.
        self.handle_traced(batch, deadline, None).boxed_local()
    }

    pub(crate) async fn handle_batch(
        &self,
        batch: SqsEvent,
        deadline: Timestamp,
    ) -> SqsBatchResponse {
        let time = TimeLeft::new(self.now(), deadline);
        let messages = batch.records.into_iter().map(Message::from).collect();
        let returned = match self.queue.is_fifo() {
            true => {
                let Admitted { tried, held, after } = self.admit(messages);
                let mut returned = self.in_order(tried, time).await;
                returned.extend(self.hold_back(held, after, time).await);
                returned
            }
            false => self.in_any_order(messages, time).await,
        };
        let mut response = SqsBatchResponse::default();
        response.set_failures(returned);
        response
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.committer.host.now()
    }

    /// Messages of a standard queue. Those come last, and alone if need be, that may have killed the process before: what
    /// kills it again must not take the others with it.
    async fn in_any_order(&self, messages: Vec<Message>, time: TimeLeft) -> Vec<String> {
        let (doubted, trusted) = messages.into_iter().partition(|message| self.is_doubted(message));
        let mut returned = self.together(trusted, time).await;
        let SortedOut { cleared, suspects, ended } = self.sort_out(doubted, time).await;
        returned.extend(self.finish(ended, time).await);
        returned.extend(self.together(cleared, time).await);
        for suspect in suspects {
            returned.extend(match self.mark(suspect, time).await {
                Ok(suspect) => self.together(vec![suspect], time).await,
                Err(ended) => self.finish(vec![*ended], time).await,
            });
        }
        returned
    }

    /// Messages as many together as the circuit breakers let through. Those held back are returned last, since that takes
    /// time too.
    async fn together(&self, mut messages: Vec<Message>, time: TimeLeft) -> Vec<String> {
        let mut returned = Vec::new();
        while !messages.is_empty() {
            let Admitted { tried, held, after } = self.admit(messages);
            if tried.is_empty() {
                returned.extend(self.hold_back(held, after, time).await);
                return returned;
            }
            let handled = self.handle_together(tried, time).await;
            returned.extend(self.finish(handled, time).await);
            messages = held;
        }
        returned
    }

    /// The rule of FIFO queues: the messages of a group one after the other, and none after one that is to come
    /// back; groups independently of each other. After one that goes to the dead-letter queue a group goes on,
    /// as it does when SQS moves a message there.
    async fn in_order(&self, messages: Vec<Message>, time: TimeLeft) -> Vec<String> {
        let mut groups: Vec<(Option<String>, Vec<Message>)> = Vec::new();
        for message in messages {
            match groups.iter_mut().find(|(group, _)| *group == message.group) {
                Some((_, members)) => members.push(message),
                None => groups.push((message.group.clone(), vec![message])),
            }
        }
        let groups = groups.into_iter().map(|(_, members)| members);
        let (doubted, trusted): (Vec<_>, Vec<_>) =
            groups.partition(|members| members.iter().any(|message| self.is_doubted(message)));
        let trusted = trusted.into_iter().map(|members| self.one_by_one(members, time));
        let mut returned = join_all(trusted).await.concat();
        for members in doubted {
            returned.extend(self.one_by_one(members, time).await);
        }
        returned
    }

    /// The messages of one group.
    async fn one_by_one(&self, members: Vec<Message>, time: TimeLeft) -> Vec<String> {
        let mut returned = Vec::new();
        let mut members = members.into_iter();
        for message in members.by_ref() {
            let handled = match self.is_doubted(&message) {
                true => match self.mark(message, time).await {
                    Ok(message) => self.handle_together(vec![message], time).await,
                    Err(ended) => vec![*ended],
                },
                false => self.handle_together(vec![message], time).await,
            };
            let kept = self.finish(handled, time).await;
            let comes_back = !kept.is_empty();
            returned.extend(kept);
            if comes_back {
                break;
            }
        }
        returned.extend(self.leave_untouched(members.collect(), time).await);
        returned
    }

    /// Returns messages behind one of their group. SQS keeps them back until that one is visible again, and must not
    /// wait for theirs besides.
    async fn leave_untouched(&self, messages: Vec<Message>, time: TimeLeft) -> Vec<String> {
        let untried = |message| {
            let why = "an earlier message of its group is to come back";
            Handled::new(message, None, End::Untried { why, after: Some(Duration::ZERO) })
        };
        match messages.is_empty() {
            true => Vec::new(),
            false => self.finish(messages.into_iter().map(untried).collect(), time).await,
        }
    }
}
