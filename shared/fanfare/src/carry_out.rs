//! What is done for the events of a batch: decide, act, commit.

use crate::act::Standing;
use crate::attempt::Attempt;
use crate::batch::{Runtime, TOGETHER};
use crate::commit::{DYNAMODB, Setback};
use crate::group::Member;
use crate::handled::End;
use crate::time_left::{TimeLeft, within};
use crate::transaction::Guard;
use crate::work::{Effect, Kept};
use crate::{Failure, Key, State, Table, UnknownOutcome, Work, state};
use fanfare_event::{Event, Payload};
use futures_util::FutureExt;
use futures_util::future::{join, join_all};
use futures_util::stream::{self, StreamExt};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::Duration;
use tokio::time::Instant;

/// Effects that are under way at once.
const EFFECTS: usize = 8;

/// Items that a handler needs to know.
type Wanted = Vec<(Table, Key)>;
/// How it went, by the member's place.
#[derive(Default)]
struct CarriedOut {
    ends: Vec<(usize, End)>,
    /// Those whose handlers decided from what has changed since.
    outdated: Vec<usize>,
}

impl CarriedOut {
    fn extend(&mut self, other: Self) {
        self.ends.extend(other.ends);
        self.outdated.extend(other.outdated);
    }
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
        let parts = join(self.commit(ready, due, time), self.act_each(effects, due, time)).await;
        let mut carried_out = CarriedOut { ends, outdated: Vec::new() };
        carried_out.extend(parts.0);
        carried_out.extend(parts.1);
        carried_out
    }

    /// Performs effects, some at once, and commits what follows from each as soon as that is known: what is done must
    /// not wait, while its lease runs, for what takes longer.
    async fn act_each(
        &self,
        effects: Vec<(usize, Work, Effect<Fx, Kept>)>,
        due: &BTreeMap<usize, &Attempt>,
        time: TimeLeft,
    ) -> CarriedOut {
        let acting = effects.into_iter().filter_map(|(place, work, effect)| {
            let attempt = due.get(&place).copied()?;
            Some(async move { (place, self.act(attempt, work, effect, time).await) })
        });
        let acted = stream::iter(acting).buffer_unordered(EFFECTS);
        let committed = acted.ready_chunks(TOGETHER).map(|acted| async move {
            let (mut ready, mut ends) = (Vec::new(), Vec::new());
            for (place, acted) in acted {
                match acted {
                    Ok((work, standing)) => ready.push((place, work, standing)),
                    Err(end) => ends.push((place, end)),
                }
            }
            let mut carried_out = self.commit(ready, due, time).await;
            carried_out.ends.extend(ends);
            carried_out
        });
        // As many commits as there may be: a stream that waits for one of them would not go on acting.
        let mut committed = pin!(committed.buffer_unordered(TOGETHER));
        let mut carried_out = CarriedOut::default();
        while let Some(part) = committed.next().await {
            carried_out.extend(part);
        }
        carried_out
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
        // A half of the time is the effects'.
        let until = Instant::now() + time.at(self.now()).unwrap_or_default() / 2;
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
                    Ok(state) => (place, self.decide_one(event, state, until).await),
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
        let reads = reads.map_err(|_| Failure::panicked())?;
        Ok((event, reads))
    }

    async fn read(&self, wanted: Wanted, time: TimeLeft) -> Result<State, Failure> {
        let late = || Failure::unavailable(DYNAMODB, "the consumer's state was not read in time");
        let left = time.at(self.now()).ok_or_else(late)?;
        let read = state::read(&self.committer, wanted);
        tokio::time::timeout(left, read).await.map_err(|_| late())?
    }

    /// Lets a handler decide. It awaits nothing as a rule; one that does may not hold up the others for good.
    async fn decide_one(
        &self,
        event: Event<P>,
        state: State,
        until: Instant,
    ) -> Result<Work<Fx, Kept>, End> {
        let decide = async { (self.consumer.decide)(event, state).await };
        match within(until, AssertUnwindSafe(decide).catch_unwind()).await {
            Some(Ok(Ok(work))) => Ok(work),
            Some(Ok(Err(failure))) => {
                let waits = matches!(failure, Failure::Retry { after: None, .. });
                Err(End::Failed { failure, guard: Guard::Unclaimed, waits })
            }
            Some(Err(_)) => Err(End::failed(Failure::panicked())),
            None => Err(End::failed(Failure::retry("the handler did not end in time"))),
        }
    }

    /// Commits what is decided, also in the time that is kept for it after the last effect may end.
    async fn commit(
        &self,
        ready: Vec<Ready>,
        attempts: &BTreeMap<usize, &Attempt>,
        time: TimeLeft,
    ) -> CarriedOut {
        if ready.is_empty() {
            return CarriedOut::default();
        }
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
