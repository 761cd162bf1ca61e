//! A batch: every record on its own, in the order that the queue asks for.

use crate::attempt::Attempt;
use crate::brake::{Admission, Brake};
use crate::commit::{Committed, Committer};
use crate::handled::{End, Handled};
use crate::message::Message;
use crate::returns::Returns;
use crate::spans::Spans;
use crate::time_left::TimeLeft;
use crate::{Consumer, Failure, decode};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use event_schema::{EventId, Payload, Timestamp};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, join_all};
use std::collections::HashMap;
use std::time::Duration;

/// Messages that are handled and committed together: about what one transaction of 100 items holds.
const TOGETHER: usize = 50;
/// The least that a message stays away whose dependency is out of order, the first time.
const SHORTEST_RETURN: Duration = Duration::from_secs(30);

/// Runs a consumer on batches; see [`Consumer::on`].
pub struct Runtime<P, Fx> {
    pub(crate) consumer: Consumer<P, Fx>,
    pub(crate) committer: Committer,
    pub(crate) returns: Returns,
    pub(crate) brake: Brake,
    pub(crate) spans: Option<Spans>,
    /// The queue's `maxReceiveCount`: a message that fails that often goes to the dead-letter queue.
    pub(crate) max_receive_count: u32,
}

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Handles a batch as Lambda delivers it, and names the records that failed. `deadline` is when the
    /// invocation's time is over.
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
        let mut messages: Vec<_> = batch.records.into_iter().map(Message::from).collect();
        let mut returned = match self.brake.admission(self.now()) {
            Admission::All => Vec::new(),
            Admission::Probe(after) => {
                let rest = messages.split_off(messages.len().min(1));
                self.hold_back(rest, after).await
            }
            Admission::Nothing(after) => self.hold_back(std::mem::take(&mut messages), after).await,
        };
        match self.returns.is_fifo() {
            true => returned.extend(self.in_order(messages, time).await),
            false => {
                while !messages.is_empty() {
                    let rest = messages.split_off(messages.len().min(TOGETHER));
                    let handled = self.together(messages, time).await;
                    returned.extend(self.finish(handled).await);
                    messages = rest;
                }
            }
        }
        let mut response = SqsBatchResponse::default();
        response.set_failures(returned);
        response
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.committer.surroundings.now()
    }

    /// Returns messages untried because a dependency is out of order.
    async fn hold_back(&self, messages: Vec<Message>, after: Duration) -> Vec<String> {
        let surroundings = &self.committer.surroundings;
        let untried = |message: Message| {
            // Every return uses up a receive, so that they must grow rare in a long outage.
            let doublings = message.receive_count.saturating_sub(1).min(5);
            let after = after.max(SHORTEST_RETURN * (1 << doublings));
            let after = after.mul_f64(surroundings.random(|random| 1.0 + random.f64()));
            let end = End::Untried { why: "a dependency is out of order", after: Some(after) };
            Handled { message, attempt: None, end }
        };
        self.finish(messages.into_iter().map(untried).collect()).await
    }

    /// The rule of FIFO queues: the messages of a group one after the other, and none after one that is to come
    /// back; groups independently of each other. After one that went to the dead-letter queue a group goes on,
    /// as it does when SQS moves a message there.
    async fn in_order(&self, messages: Vec<Message>, time: TimeLeft) -> Vec<String> {
        let mut groups: Vec<(Option<String>, Vec<Message>)> = Vec::new();
        for message in messages {
            match groups.iter_mut().find(|(group, _)| *group == message.group) {
                Some((_, members)) => members.push(message),
                None => groups.push((message.group.clone(), vec![message])),
            }
        }
        let one_group = |(_, members): (_, Vec<Message>)| async move {
            let mut returned = Vec::new();
            for message in members {
                if !returned.is_empty() {
                    returned.push(message.id);
                    continue;
                }
                let handled = self.together(vec![message], time).await;
                returned.extend(self.finish(handled).await);
            }
            returned
        };
        join_all(groups.into_iter().map(one_group)).await.concat()
    }

    /// Decodes, decides, acts and commits. Gives the messages back with what became of each.
    async fn together(&self, messages: Vec<Message>, time: TimeLeft) -> Vec<Handled> {
        let mut ends: Vec<Option<End>> = messages.iter().map(|_| None).collect();
        let mut attempts: Vec<Option<Attempt>> = Vec::with_capacity(messages.len());
        for (message, end) in messages.iter().zip(&mut ends) {
            let attempt = self.attempt(message);
            attempts.push(attempt.map_err(|failure| *end = Some(End::failed(failure))).ok());
        }
        let leaders = leaders(&attempts);
        let is_leader = |place: &usize| leaders.get(*place) == Some(&Some(*place));
        self.carry_out(&attempts, (0..attempts.len()).filter(is_leader), &mut ends, time).await;
        // What waited for another event of the same batch need not wait any longer.
        if ends.iter().any(|end| matches!(end, Some(End::Done { .. }))) {
            let waited = (0..attempts.len()).filter(|place| {
                matches!(ends.get(*place), Some(Some(End::Failed { waits: true, .. })))
            });
            let waited: Vec<usize> = waited.collect();
            self.carry_out(&attempts, waited.into_iter(), &mut ends, time).await;
        }
        let ends = follow(ends, &leaders, &attempts);
        let parts = messages.into_iter().zip(attempts).zip(ends);
        let handled: Vec<_> =
            parts.map(|((message, attempt), end)| Handled { message, attempt, end }).collect();
        self.end_spans(&handled);
        handled
    }

    fn attempt(&self, message: &Message) -> Result<Attempt, Failure> {
        let envelope = decode::envelope(&message.body)
            .map_err(|e| Failure::permanent("the message is not an event").caused_by(e))?;
        Ok(self.with_span(Attempt::start(self.consumer.name, message, envelope, self.now())))
    }
}

/// For each message the place of the first one with the same event: the one that is handled.
fn leaders<'a>(attempts: &'a [Option<Attempt>]) -> Vec<Option<usize>> {
    let mut first: HashMap<&EventId, usize> = HashMap::with_capacity(attempts.len());
    let leader = |(place, attempt): (usize, &'a Option<Attempt>)| {
        Some(*first.entry(&attempt.as_ref()?.envelope.event_id).or_insert(place))
    };
    attempts.iter().enumerate().map(leader).collect()
}

/// Lets every repeat within the batch share the end of the message that was handled for it.
fn follow(
    mut ends: Vec<Option<End>>,
    leaders: &[Option<usize>],
    attempts: &[Option<Attempt>],
) -> Vec<End> {
    let digest = |place: usize| Some(&attempts.get(place)?.as_ref()?.digest);
    let shared: Vec<Option<End>> = leaders
        .iter()
        .enumerate()
        .map(|(place, leader)| {
            let leader = leader.filter(|leader| *leader != place)?;
            Some(match ends.get(leader)? {
                Some(End::Done { .. }) if digest(place) != digest(leader) => End::failed(
                    Failure::permanent("the same event id with another content in one batch"),
                ),
                Some(End::Done { .. }) => {
                    End::Done { committed: Committed::Duplicate, acted: false }
                }
                _ => End::Untried { why: "the same event failed in this batch", after: None },
            })
        })
        .collect();
    for (end, shared) in ends.iter_mut().zip(shared) {
        if end.is_none() {
            *end = shared;
        }
    }
    let lost = || End::failed(Failure::retry("the runtime lost track of the message"));
    ends.into_iter().map(|end| end.unwrap_or_else(lost)).collect()
}
