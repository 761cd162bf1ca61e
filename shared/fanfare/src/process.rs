//! What is done for the events of a batch: decide, act, commit.

use crate::UnknownOutcome;
use crate::batch::Runtime;
use crate::case::{Case, End, Settled};
use crate::commit::Commit;
use crate::guard::Guard;
use crate::ready::{Ready, Stage};
use crate::time_left::{TimeLeft, within};
use crate::work::{Effect, Kept, Work};
use fanfare_event::Payload;
use futures_util::future::join;
use futures_util::stream::{self, StreamExt};
use std::pin::pin;

/// Effects that are under way at once.
const EFFECTS: usize = 8;
/// Messages that are handled and committed together: about what one transaction of 100 items holds.
pub(crate) const TOGETHER: usize = 50;

/// How it went.
#[derive(Default)]
pub(crate) struct Processed {
    pub(crate) settled: Vec<Settled>,
    /// Those whose handlers decided from what has changed since.
    pub(crate) outdated: Vec<Case>,
}

impl Processed {
    fn extend(&mut self, other: Self) {
        self.settled.extend(other.settled);
        self.outdated.extend(other.outdated);
    }
}

/// A case whose work asks for an effect first.
type Acting<Fx> = (Case, Work, Effect<Fx, Kept>);

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Decides, acts and commits for distinct events.
    pub(crate) async fn process(&self, cases: Vec<Case>, time: TimeLeft) -> Processed {
        let mut processed = Processed::default();
        if time.at(self.now()).is_none() {
            processed.settled.extend(cases.into_iter().map(|case| case.ends(End::no_time())));
            return processed;
        }
        let mut ready = Vec::with_capacity(cases.len());
        let mut acting = Vec::new();
        for (case, decided) in self.decide(cases, time).await {
            match decided.map(Work::split) {
                Ok((work, None)) => ready.push(self.without_effect(case, work)),
                Ok((work, Some(effect))) => acting.push((case, work, effect)),
                Err(end) => processed.settled.push(case.ends(end)),
            }
        }
        let parts = join(self.commit(ready, time), self.act_on_each(acting, time)).await;
        processed.extend(parts.0);
        processed.extend(parts.1);
        processed
    }

    /// Performs effects, some at once, and commits what follows from each as soon as that is known: what is done must
    /// not wait, while its lease runs, for what takes longer.
    async fn act_on_each(&self, acting: Vec<Acting<Fx>>, time: TimeLeft) -> Processed {
        let acting = acting
            .into_iter()
            .map(|(case, work, effect)| async move { self.act(case, work, effect, time).await });
        let acted = stream::iter(acting).buffer_unordered(EFFECTS);
        let committed = acted.ready_chunks(TOGETHER).map(|acted| async move {
            let (mut ready, mut settled) = (Vec::new(), Vec::new());
            for one in acted {
                match one {
                    Ok(one) => ready.push(one),
                    Err(one) => settled.push(one),
                }
            }
            let mut processed = self.commit(ready, time).await;
            processed.settled.extend(settled);
            processed
        });
        // As many commits as there may be: a stream that waits for one of them would not go on acting.
        let mut committed = pin!(committed.buffer_unordered(TOGETHER));
        let mut processed = Processed::default();
        while let Some(part) = committed.next().await {
            processed.extend(part);
        }
        processed
    }

    /// Work that needs no effect. A lease that ran out is no obstacle to it, unless somebody is to look what became of
    /// its effect, and has not put the message back under that claim.
    fn without_effect(&self, case: Case, work: Work) -> Ready {
        let put_back = case.attempt.put_back.clone();
        let guard = match (put_back, self.consumer.keeps_results, self.consumer.unknown_outcome) {
            (_, false, UnknownOutcome::Retry) => Guard::Lapsed,
            (Some(token), ..) => Guard::Maybe(token),
            (None, true, policy) => Guard::NoResult(policy),
            (None, false, UnknownOutcome::Park) => Guard::Unclaimed,
        };
        Ready::new(case, work, guard, Stage::NoEffect)
    }

    /// Commits what is decided, also in the time that is kept for it after the last effect may end.
    async fn commit(&self, ready: Vec<Ready>, time: TimeLeft) -> Processed {
        if ready.is_empty() {
            return Processed::default();
        }
        let mut commit = Commit::of(ready);
        // What is not committed by then is unknown, and the ledger tells on the retry.
        within(time.commit(self.now()), commit.run(&self.committer)).await;
        commit.end()
    }
}
