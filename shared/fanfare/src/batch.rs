//! A batch: every record on its own, in the order that the queue asks for.

use crate::admit::Admitted;
use crate::attempt::Attempt;
use crate::brake::Brake;
use crate::commit::{Committed, Committer, Setback};
use crate::handled::{End, Handled};
use crate::message::Message;
use crate::recent::Recent;
use crate::returns::Returns;
use crate::spans::Spans;
use crate::time_left::TimeLeft;
use crate::{Consumer, Failure, decode};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use fanfare_event::{Event, EventId, Payload, Timestamp};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, join_all};
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Messages that are handled and committed together: about what one transaction of 100 items holds.
pub(crate) const TOGETHER: usize = 50;
/// How often a handler decides about one event in one invocation, when what it decides from keeps changing.
const DECISIONS: u32 = 4;

/// Runs a consumer on batches; see [`Consumer::on`].
pub struct Runtime<P, Fx> {
    pub(crate) consumer: Consumer<P, Fx>,
    /// The function's name, for its metrics.
    pub(crate) function: String,
    pub(crate) committer: Committer,
    pub(crate) returns: Returns,
    pub(crate) brake: Brake,
    pub(crate) recent: Recent,
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
        let messages = batch.records.into_iter().map(Message::from).collect();
        let returned = match self.returns.is_fifo() {
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
        self.committer.surroundings.now()
    }

    /// Messages of a standard queue, as many together as the brake lets through. What it holds back is returned last,
    /// since that takes time too.
    async fn in_any_order(&self, mut messages: Vec<Message>, time: TimeLeft) -> Vec<String> {
        let mut returned = Vec::new();
        loop {
            let Admitted { tried, held, after } = self.admit(messages);
            if tried.is_empty() {
                returned.extend(self.hold_back(held, after, time).await);
                return returned;
            }
            let handled = self.together(tried, time).await;
            returned.extend(self.finish(handled, time).await);
            messages = held;
        }
    }

    /// The rule of FIFO queues: the messages of a group one after the other, and none after one that is to come
    /// back; groups independently of each other. After one that goes to the dead-letter queue a group goes on,
    /// as it does when SQS moves a message there: those behind it may be on their last receive too.
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
            let mut members = members.into_iter();
            for message in members.by_ref() {
                let is_last = self.is_last_receive(&message);
                let handled = self.together(vec![message], time).await;
                let kept = self.finish(handled, time).await;
                let comes_back = !kept.is_empty() && !is_last;
                returned.extend(kept);
                if comes_back {
                    break;
                }
            }
            returned.extend(self.leave_untouched(members.collect(), time).await);
            returned
        };
        join_all(groups.into_iter().map(one_group)).await.concat()
    }

    /// Returns messages behind one of their group. SQS keeps them back until that one is visible again, and must not
    /// wait for theirs besides.
    async fn leave_untouched(&self, messages: Vec<Message>, time: TimeLeft) -> Vec<String> {
        let untried = |message| {
            let why = "an earlier message of its group is to come back";
            Handled {
                message,
                attempt: None,
                end: End::Untried { why, after: Some(Duration::ZERO) },
            }
        };
        match messages.is_empty() {
            true => Vec::new(),
            false => self.finish(messages.into_iter().map(untried).collect(), time).await,
        }
    }

    /// Decodes, decides, acts and commits. Gives the messages back with what became of each.
    async fn together(&self, messages: Vec<Message>, time: TimeLeft) -> Vec<Handled> {
        let mut ends: Vec<Option<End>> = messages.iter().map(|_| None).collect();
        let mut attempts: Vec<Option<Attempt>> = Vec::with_capacity(messages.len());
        for (message, end) in messages.iter().zip(&mut ends) {
            let attempt = self.attempt(message);
            attempts.push(attempt.map_err(|failure| *end = Some(End::failed(failure))).ok());
        }
        self.recognise(&attempts, &mut ends);
        let leaders = leaders(&attempts);
        let is_leader = |place: &usize| leaders.get(*place) == Some(&Some(*place));
        let is_open = |place: &usize| matches!(ends.get(*place), Some(None));
        let due = (0..attempts.len()).filter(is_leader).filter(is_open).collect();
        self.in_turn(&attempts, due, &mut ends, time).await;
        // What waited for another event of the same batch need not wait any longer.
        let is_news = |end: &Option<End>| match end {
            Some(End::Done { committed, .. }) => *committed != Committed::Known,
            _ => false,
        };
        if ends.iter().any(is_news) {
            let waited = (0..attempts.len()).filter(|place| {
                matches!(ends.get(*place), Some(Some(End::Failed { waits: true, .. })))
            });
            let waited = waited.collect();
            self.in_turn(&attempts, waited, &mut ends, time).await;
        }
        for (message, end) in messages.iter().zip(&mut ends) {
            if let Some(End::Untried { why, .. }) = end
                && self.is_last_receive(message)
            {
                // It goes to the dead-letter queue, which the ledger has to know.
                *end = Some(End::failed(Failure::retry(format!("not tried: {why}"))));
            }
        }
        for (attempt, end) in attempts.iter().zip(&ends) {
            if let (Some(attempt), Some(End::Done { .. })) = (attempt, end) {
                self.recent.applied(attempt);
            }
        }
        let ends = follow(ends, &leaders, &attempts);
        let parts = messages.into_iter().zip(attempts).zip(ends);
        let handled: Vec<_> =
            parts.map(|((message, attempt), end)| Handled { message, attempt, end }).collect();
        self.end_spans(&handled);
        handled
    }

    /// Ends what this execution environment knows to be applied.
    fn recognise(&self, attempts: &[Option<Attempt>], ends: &mut [Option<End>]) {
        for (attempt, end) in attempts.iter().zip(ends) {
            if attempt.as_ref().is_some_and(|attempt| self.recent.knows(attempt)) {
                *end = Some(End::Done { committed: Committed::Known, acted: false });
            }
        }
    }

    /// Carries out distinct events, those at `due`: of those about the same thing one at a time, and anew while
    /// what they were decided from changes.
    async fn in_turn(
        &self,
        attempts: &[Option<Attempt>],
        mut due: Vec<usize>,
        ends: &mut [Option<End>],
        time: TimeLeft,
    ) {
        let mut again: HashMap<usize, u32> = HashMap::new();
        while !due.is_empty() {
            let turns: Vec<usize> = self.next_in_turn(attempts, &due);
            due.retain(|place| !turns.contains(place));
            let outdated = self.carry_out(attempts, turns.into_iter(), ends, time).await;
            for place in outdated.into_iter().rev() {
                let times = again.entry(place).or_default();
                *times += 1;
                match *times < DECISIONS {
                    true => due.insert(0, place),
                    false => {
                        if let Some(end) = ends.get_mut(place) {
                            *end = Some(End::failed(Setback::Outdated.into_failure()));
                        }
                    }
                }
            }
        }
    }

    /// The first of those that are due about each thing.
    fn next_in_turn(&self, attempts: &[Option<Attempt>], due: &[usize]) -> Vec<usize> {
        let Some(key) = &self.consumer.turn else { return due.to_vec() };
        let mut taken = HashSet::with_capacity(due.len());
        let mut first = |place: &usize| {
            let envelope = attempts.get(*place).and_then(Option::as_ref).map(|a| &a.envelope);
            let event = envelope.and_then(|envelope| Event::<P>::from_envelope(envelope).ok());
            // What can't be read, or has no key, waits for nobody: it fails by itself.
            let thing = event.and_then(|e| catch_unwind(AssertUnwindSafe(|| key(&e))).ok());
            thing.is_none_or(|thing| taken.insert(thing))
        };
        due.iter().copied().filter(|place| first(place)).collect()
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
    let digest = |place: usize| Some(attempts.get(place)?.as_ref()?.digest.as_str());
    let shared: Vec<Option<End>> = leaders
        .iter()
        .enumerate()
        .map(|(place, leader)| {
            let leader = leader.filter(|leader| *leader != place)?;
            Some(match ends.get(leader)? {
                Some(End::Done { .. }) if digest(place) != digest(leader) => {
                    End::failed(Failure::permanent(format!(
                        "the same event id with another content in one batch: digest {} there, {} here",
                        digest(leader).unwrap_or_default(),
                        digest(place).unwrap_or_default(),
                    )))
                }
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
