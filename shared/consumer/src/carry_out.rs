//! What is done for the events of a batch: decide, act, commit.

use crate::act::Standing;
use crate::attempt::Attempt;
use crate::batch::Runtime;
use crate::commit::{DYNAMODB, Setback};
use crate::group::Member;
use crate::handled::End;
use crate::time_left::{TimeLeft, within};
use crate::transaction::Guard;
use crate::work::Kept;
use crate::{Failure, Key, State, Table, UnknownOutcome, Work, state};
use event_schema::{Event, Payload};
use futures_util::FutureExt;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

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

/// A decision that waits to be committed: the member's place, its work, and how it stands with the ledger.
type Ready = (usize, Work, Standing);

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
                    (work, None) => {
                        let put_back = due.get(&place).and_then(|attempt| attempt.put_back.clone());
                        ready.push((place, work, self.without_effect(put_back)));
                    }
                    (work, Some(effect)) => effects.push((place, work, effect)),
                },
                Err(end) => ends.push((place, end)),
            }
        }
        let acted = stream::iter(effects)
            .filter_map(|(place, work, effect)| {
                let attempt = due.get(&place).copied();
                std::future::ready(attempt.map(|attempt| (place, attempt, work, effect)))
            })
            .map(|(place, attempt, work, effect)| async move {
                (place, self.act(attempt, work, effect, time).await)
            })
            .buffer_unordered(EFFECTS);
        for (place, acted) in acted.collect::<Vec<_>>().await {
            match acted {
                Ok((work, standing)) => ready.push((place, work, standing)),
                Err(end) => ends.push((place, end)),
            }
        }
        let committed = self.commit(ready, due, time).await;
        ends.extend(committed.ends);
        CarriedOut { ends, outdated: committed.outdated }
    }

    /// What must hold of the ledger for work without an effect: a lease that ran out is no obstacle, unless
    /// somebody is to look what became of its effect, and has not put the message back under that claim.
    fn without_effect(&self, put_back: Option<String>) -> Standing {
        let guard = match (put_back, self.consumer.keeps_results, self.consumer.unknown_outcome) {
            (_, false, UnknownOutcome::Retry) => Guard::Lapsed,
            (Some(token), ..) => Guard::Maybe(token),
            (None, true, policy) => Guard::NoResult(policy),
            (None, false, UnknownOutcome::Park) => Guard::Unclaimed,
        };
        Standing { guard, acted: false, is_kept: false }
    }

    /// Decodes the events, reads what their handlers need, all in one go, and lets the handlers decide.
    async fn decide(
        &self,
        due: &BTreeMap<usize, &Attempt>,
        time: TimeLeft,
    ) -> Vec<(usize, Result<Work<Fx, Kept>, End>)> {
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

    async fn decide_one(&self, event: Event<P>, state: State) -> Result<Work<Fx, Kept>, End> {
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

    /// Commits what is decided, also in the time that is kept for it after the last effect may end.
    async fn commit(
        &self,
        ready: Vec<Ready>,
        attempts: &BTreeMap<usize, &Attempt>,
        time: TimeLeft,
    ) -> CarriedOut {
        let mut standings = BTreeMap::new();
        let mut members = Vec::with_capacity(ready.len());
        for (place, work, standing) in ready {
            if let Some(attempt) = attempts.get(&place).copied() {
                let guard = standing.guard.clone();
                standings.insert(place, standing);
                members.push(Member { place, attempt, work, guard, conflicts: 0 });
            }
        }
        let mut results = Vec::with_capacity(members.len());
        let commit = self.committer.commit(members, &mut results);
        let in_time = within(time.commit(self.now()), commit).await.is_some();
        let mut ends = Vec::with_capacity(standings.len());
        let mut outdated = Vec::new();
        for (place, result) in results {
            let Some(standing) = standings.remove(&place) else { continue };
            match result {
                Ok(committed) => {
                    ends.push((place, End::Done { committed, acted: standing.acted }));
                }
                // Under a lease that would be one's own: it is given up first, and the message comes back.
                Err(Setback::Outdated) if !standing.is_claimed() => outdated.push(place),
                Err(setback) => ends.push((place, standing.failed(setback.into_failure()))),
            }
        }
        let lost = match in_time {
            true => "the runtime lost track of the message",
            false => "the work was not committed in time",
        };
        let failed = |standing: Standing| standing.failed(Failure::unavailable(DYNAMODB, lost));
        ends.extend(standings.into_iter().map(|(place, standing)| (place, failed(standing))));
        CarriedOut { ends, outdated }
    }
}
