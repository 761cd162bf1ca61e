//! A batch: every record on its own, and one commit for all.

use crate::attempt::Attempt;
use crate::brake::{Admission, Brake};
use crate::commit::{Committed, Committer, DYNAMODB};
use crate::effect::{Claim, claim};
use crate::group::Member;
use crate::handled::{End, Handled};
use crate::message::Message;
use crate::returns::Returns;
use crate::time_left::TimeLeft;
use crate::transaction::Guard;
use crate::{Consumer, Failure, Key, State, Table, UnknownOutcome, Work, decode, state};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use event_schema::{Event, EventId, Payload, Timestamp};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, join_all};
use futures_util::stream::{self, StreamExt};
use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Messages that are handled and committed together: about what one transaction of 100 items holds.
const TOGETHER: usize = 50;
/// The least that a message stays away whose dependency is out of order, the first time.
const SHORTEST_RETURN: Duration = Duration::from_secs(30);
/// Effects that are under way at once.
const EFFECTS: usize = 8;

/// Runs a consumer on batches; see [`Consumer::on`].
pub struct Runtime<P, Fx> {
    pub(crate) consumer: Consumer<P, Fx>,
    pub(crate) committer: Committer,
    pub(crate) returns: Returns,
    pub(crate) brake: Brake,
    /// The queue's `maxReceiveCount`: a message that fails that often goes to the dead-letter queue.
    pub(crate) max_receive_count: u32,
}

/// Items that a handler needs to know.
type Wanted = Vec<(Table, Key)>;
/// A decision that waits to be committed: the member's place, its work and its guard.
type Ready = (usize, Work, Guard);

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
        self.handle_batch(batch, deadline).boxed_local()
    }

    async fn handle_batch(&self, batch: SqsEvent, deadline: Timestamp) -> SqsBatchResponse {
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
        parts.map(|((message, attempt), end)| Handled { message, attempt, end }).collect()
    }

    fn attempt(&self, message: &Message) -> Result<Attempt, Failure> {
        let envelope = decode::envelope(&message.body)
            .map_err(|e| Failure::permanent("the message is not an event").caused_by(e))?;
        Ok(Attempt::start(self.consumer.name, message, envelope, self.now()))
    }

    /// Decides, acts and commits for distinct events, those at `places`, and says in `ends` how it went.
    async fn carry_out(
        &self,
        attempts: &[Option<Attempt>],
        places: impl Iterator<Item = usize>,
        ends: &mut [Option<End>],
        time: TimeLeft,
    ) {
        let due: BTreeMap<usize, &Attempt> =
            places.filter_map(|place| Some((place, attempts.get(place)?.as_ref()?))).collect();
        if due.is_empty() {
            return;
        }
        for (place, end) in self.carry_out_each(&due, time).await {
            if let Some(slot) = ends.get_mut(place) {
                *slot = Some(end);
            }
        }
    }

    async fn carry_out_each(
        &self,
        due: &BTreeMap<usize, &Attempt>,
        time: TimeLeft,
    ) -> Vec<(usize, End)> {
        let mut ends = Vec::with_capacity(due.len());
        if time.at(self.now()).is_none() {
            let untried = || End::Untried { why: "no time is left", after: Some(Duration::ZERO) };
            ends.extend(due.keys().map(|place| (*place, untried())));
            return ends;
        }
        let mut ready: Vec<Ready> = Vec::with_capacity(due.len());
        let mut effects = Vec::new();
        for (place, decided) in self.decide(due, time).await {
            match decided {
                Ok(work) => match work.split() {
                    (work, None) => ready.push((place, work, self.guard_without_effect())),
                    (work, Some(effect)) => effects.push((place, work, effect)),
                },
                Err(end) => ends.push((place, end)),
            }
        }
        let acted =
            stream::iter(effects)
                .map(|(place, work, effect)| {
                    let attempt = due.get(&place).copied();
                    async move {
                        (place, self.act(attempt, effect, time).await.map(|guard| (work, guard)))
                    }
                })
                .buffer_unordered(EFFECTS);
        for (place, acted) in acted.collect::<Vec<_>>().await {
            match acted {
                Ok((work, guard)) => ready.push((place, work, guard)),
                Err(end) => ends.push((place, end)),
            }
        }
        ends.extend(self.commit(ready, due, time).await);
        ends
    }

    /// What must hold of the ledger for work without an effect: a lease that ran out is no obstacle, unless
    /// somebody is to look what became of its effect.
    fn guard_without_effect(&self) -> Guard {
        match self.consumer.unknown_outcome {
            UnknownOutcome::Retry => Guard::Lapsed,
            UnknownOutcome::Park => Guard::Unclaimed,
        }
    }

    /// Decodes the events, reads what their handlers need, all in one go, and lets the handlers decide.
    async fn decide(
        &self,
        due: &BTreeMap<usize, &Attempt>,
        time: TimeLeft,
    ) -> Vec<(usize, Result<Work<Fx>, End>)> {
        let mut decisions = Vec::with_capacity(due.len());
        let mut events = Vec::with_capacity(due.len());
        for (place, attempt) in due {
            match self.event(attempt) {
                Ok((event, reads)) => events.push((*place, event, reads)),
                Err(failure) => decisions.push((*place, Err(End::failed(failure)))),
            }
        }
        let wanted = events.iter().flat_map(|(_, _, reads)| reads.iter().cloned()).collect();
        let together = match self.read(wanted, time).await {
            // One of the keys is invalid: read by itself, it fails its own event alone.
            Err(failure) if failure.is_permanent() => None,
            read => Some(read),
        };
        let decided = events.into_iter().map(|(place, event, reads)| {
            let together = match &together {
                Some(Ok(state)) => Some(Ok(state.clone())),
                Some(Err(failure)) => Some(Err(failure.again())),
                None => None,
            };
            async move {
                let state = match together {
                    Some(state) => state,
                    None => self.read(reads, time).await,
                };
                match state {
                    Ok(state) => (place, self.decide_one(event, state).await),
                    Err(failure) => (place, Err(End::failed(failure))),
                }
            }
        });
        decisions.extend(join_all(decided).await);
        decisions
    }

    /// Decodes an event, and asks what its handler needs to know.
    fn event(&self, attempt: &Attempt) -> Result<(Event<P>, Wanted), Failure> {
        let event = Event::<P>::from_envelope(&attempt.envelope)
            .map_err(|e| Failure::permanent("the event can't be read").caused_by(e))?;
        let reads = catch_unwind(AssertUnwindSafe(|| (self.consumer.reads)(&event)));
        let reads = reads.map_err(|panic| Failure::panicked(&*panic))?;
        Ok((event, reads))
    }

    async fn read(&self, wanted: Wanted, time: TimeLeft) -> Result<State, Failure> {
        let late = || Failure::unavailable(DYNAMODB, "the consumer's state was not read in time");
        let left = time.at(self.now()).ok_or_else(late)?;
        let read = state::read(&self.committer, wanted);
        tokio::time::timeout(left, read).await.map_err(|_| late())?
    }

    async fn decide_one(&self, event: Event<P>, state: State) -> Result<Work<Fx>, End> {
        let decide = async { (self.consumer.decide)(event, state).await };
        match AssertUnwindSafe(decide).catch_unwind().await {
            Ok(Ok(work)) => Ok(work),
            Ok(Err(failure)) => {
                let waits = matches!(failure, Failure::Retry { after: None, .. });
                Err(End::Failed { failure, guard: Guard::Unclaimed, waits })
            }
            Err(panic) => Err(End::failed(Failure::panicked(&*panic))),
        }
    }

    /// Performs an effect under a lease. Gives the guard to commit with.
    async fn act(
        &self,
        attempt: Option<&Attempt>,
        effect: Fx,
        time: TimeLeft,
    ) -> Result<Guard, End> {
        let no_time = || End::Untried { why: "no time is left", after: Some(Duration::ZERO) };
        let attempt = attempt.ok_or_else(no_time)?;
        let left = time.at(self.now()).ok_or_else(no_time)?;
        let lease_until = match self.consumer.lease {
            Some(lease) => self.now().checked_add(lease).unwrap_or(Timestamp::MAX),
            None => time.deadline,
        };
        let policy = self.consumer.unknown_outcome;
        let guard = match claim(&self.committer, attempt, lease_until, policy).await {
            Ok(Claim::Ours(token)) => Guard::Claimed(token),
            Ok(Claim::Applied) => {
                return Err(End::Done { committed: Committed::Duplicate, acted: false });
            }
            Err((failure, guard)) => return Err(End::failed_under(guard, failure)),
        };
        let perform = async { (self.consumer.perform)(effect).await };
        let left = self.consumer.lease.map_or(left, |lease| left.min(lease));
        let performed = tokio::time::timeout(left, AssertUnwindSafe(perform).catch_unwind()).await;
        // What may have acted leaves its claim to run out, so that the next attempt knows.
        match performed {
            Ok(Ok(Ok(()))) => Ok(guard),
            Ok(Ok(Err(failure @ Failure::Unknown { .. }))) => Err(End::failed(failure)),
            Ok(Ok(Err(failure))) => Err(End::failed_under(guard, failure)),
            Ok(Err(panic)) => {
                let reason = Failure::panicked(&*panic).to_string();
                Err(End::failed(Failure::unknown(reason)))
            }
            Err(_) => Err(End::failed(Failure::unknown("the effect did not end in time"))),
        }
    }

    async fn commit(
        &self,
        ready: Vec<Ready>,
        attempts: &BTreeMap<usize, &Attempt>,
        time: TimeLeft,
    ) -> Vec<(usize, End)> {
        let mut guards = BTreeMap::new();
        let mut members = Vec::with_capacity(ready.len());
        for (place, work, guard) in ready {
            if let Some(attempt) = attempts.get(&place).copied() {
                guards.insert(place, guard.clone());
                members.push(Member { place, attempt, work, guard, conflicts: 0 });
            }
        }
        let mut results = Vec::with_capacity(members.len());
        let left = time.at(self.now()).unwrap_or_default();
        let commit = self.committer.commit(members, &mut results);
        let in_time = tokio::time::timeout(left, commit).await.is_ok();
        let mut ends = Vec::with_capacity(guards.len());
        for (place, result) in results {
            let guard = guards.remove(&place).unwrap_or(Guard::Unclaimed);
            let acted = matches!(guard, Guard::Claimed(_));
            let end = match result {
                Ok(committed) => End::Done { committed, acted },
                // The effect was performed: only its claim keeps the next attempt from doing it again at once.
                Err(failure) if acted && !failure.is_permanent() => End::failed(failure),
                Err(failure) => End::failed_under(guard, failure),
            };
            ends.push((place, end));
        }
        let lost = match in_time {
            true => "the runtime lost track of the message",
            false => "the work was not committed in time",
        };
        let failed = |place| (place, End::failed(Failure::unavailable(DYNAMODB, lost)));
        ends.extend(guards.into_keys().map(failed));
        ends
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
