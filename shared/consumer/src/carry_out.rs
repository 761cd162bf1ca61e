//! What is done for the events of a batch: decide, act, commit.

use crate::attempt::Attempt;
use crate::batch::Runtime;
use crate::commit::{Committed, DYNAMODB, Setback};
use crate::effect::{Claim, claim};
use crate::group::Member;
use crate::handled::End;
use crate::time_left::{TimeLeft, within};
use crate::transaction::Guard;
use crate::{Failure, Key, State, Table, UnknownOutcome, Work, state};
use event_schema::{Event, Payload, Timestamp};
use futures_util::FutureExt;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::time::Instant;

/// Effects that are under way at once.
const EFFECTS: usize = 8;

/// Items that a handler needs to know.
type Wanted = Vec<(Table, Key)>;
/// How it went, by the member's place.
struct CarriedOut {
    ends: Vec<(usize, End)>,
    /// Those whose handlers decided from what has changed since.
    outdated: Vec<usize>,
}

/// A decision that waits to be committed: the member's place, its work and its guard.
type Ready = (usize, Work, Guard);

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Decides, acts and commits for distinct events, those at `places`, and says in `ends` how it went. Gives
    /// the places of those to be decided again: what they were decided from had changed.
    pub(crate) async fn carry_out(
        &self,
        attempts: &[Option<Attempt>],
        places: impl Iterator<Item = usize>,
        ends: &mut [Option<End>],
        time: TimeLeft,
    ) -> Vec<usize> {
        let due: BTreeMap<usize, &Attempt> =
            places.filter_map(|place| Some((place, attempts.get(place)?.as_ref()?))).collect();
        if due.is_empty() {
            return Vec::new();
        }
        let carried_out = self.carry_out_each(&due, time).await;
        for (place, end) in carried_out.ends {
            if let Some(slot) = ends.get_mut(place) {
                *slot = Some(end);
            }
        }
        carried_out.outdated
    }

    async fn carry_out_each(&self, due: &BTreeMap<usize, &Attempt>, time: TimeLeft) -> CarriedOut {
        let mut ends = Vec::with_capacity(due.len());
        if time.at(self.now()).is_none() {
            let untried = || End::Untried { why: "no time is left", after: Some(Duration::ZERO) };
            ends.extend(due.keys().map(|place| (*place, untried())));
            return CarriedOut { ends, outdated: Vec::new() };
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
        let committed = self.commit(ready, due, time).await;
        ends.extend(committed.ends);
        CarriedOut { ends, outdated: committed.outdated }
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
        let until = Instant::now() + self.consumer.lease.map_or(left, |lease| left.min(lease));
        let lease_until = match self.consumer.lease {
            Some(lease) => self.now().checked_add(lease).unwrap_or(Timestamp::MAX),
            None => time.deadline,
        };
        let policy = self.consumer.unknown_outcome;
        let token = self.committer.surroundings.token();
        let claim = claim(&self.committer, attempt, token.clone(), lease_until, policy);
        let guard = match within(until, claim).await.unwrap_or_else(|| Err(late(token))) {
            Ok(Claim::Ours(token)) => Guard::Claimed(token),
            Ok(Claim::Applied) => {
                return Err(End::Done { committed: Committed::Duplicate, acted: false });
            }
            Err((failure, guard)) => return Err(End::failed_under(guard, failure)),
        };
        if Instant::now() >= until {
            return Err(End::failed_under(guard, Failure::retry("no time is left to act")));
        }
        let perform = async { (self.consumer.perform)(effect).await };
        let performed = within(until, AssertUnwindSafe(perform).catch_unwind()).await;
        // What may have acted leaves its claim to run out, so that the next attempt knows.
        match performed {
            Some(Ok(Ok(()))) => Ok(guard),
            Some(Ok(Err(failure @ Failure::Unknown { .. }))) => Err(End::failed(failure)),
            Some(Ok(Err(failure))) => Err(End::failed_under(guard, failure)),
            Some(Err(panic)) => {
                let reason = Failure::panicked(&*panic).to_string();
                Err(End::failed(Failure::unknown(reason)))
            }
            None => Err(End::failed(Failure::unknown("the effect did not end in time"))),
        }
    }

    /// Commits what is decided, also in the time that is kept for it after the last effect may end.
    async fn commit(
        &self,
        ready: Vec<Ready>,
        attempts: &BTreeMap<usize, &Attempt>,
        time: TimeLeft,
    ) -> CarriedOut {
        let mut guards = BTreeMap::new();
        let mut members = Vec::with_capacity(ready.len());
        for (place, work, guard) in ready {
            if let Some(attempt) = attempts.get(&place).copied() {
                guards.insert(place, guard.clone());
                members.push(Member { place, attempt, work, guard, conflicts: 0 });
            }
        }
        let mut results = Vec::with_capacity(members.len());
        let commit = self.committer.commit(members, &mut results);
        let in_time = within(time.commit(self.now()), commit).await.is_some();
        let mut ends = Vec::with_capacity(guards.len());
        let mut outdated = Vec::new();
        for (place, result) in results {
            let guard = guards.remove(&place).unwrap_or(Guard::Unclaimed);
            let acted = matches!(guard, Guard::Claimed(_));
            let end = match result {
                Ok(committed) => End::Done { committed, acted },
                Err(Setback::Outdated) if !acted => {
                    outdated.push(place);
                    continue;
                }
                Err(setback) => match setback.into_failure() {
                    // The effect was performed: only its claim keeps the next attempt from doing it again at once.
                    failure if acted && !failure.is_permanent() => End::failed(failure),
                    failure => End::failed_under(guard, failure),
                },
            };
            ends.push((place, end));
        }
        let lost = match in_time {
            true => "the runtime lost track of the message",
            false => "the work was not committed in time",
        };
        let failed = |place| (place, End::failed(Failure::unavailable(DYNAMODB, lost)));
        ends.extend(guards.into_keys().map(failed));
        CarriedOut { ends, outdated }
    }
}

/// The failure to claim a lease in time. The claim may have been made all the same.
fn late(token: String) -> (Failure, Guard) {
    (Failure::unavailable(DYNAMODB, "the lease was not granted in time"), Guard::Maybe(token))
}
