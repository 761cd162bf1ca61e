//! An effect: claimed, performed, its result kept, and then what follows from it.

use crate::attempt::Attempt;
use crate::batch::Runtime;
use crate::case::{Case, End, Settled};
use crate::circuit_breaker::Dependency;
use crate::claim::{Claimed, claim};
use crate::committer::{DYNAMODB, Stored};
use crate::guard::Guard;
use crate::ledger::PastEffect;
use crate::ready::{Ready, Stage};
use crate::time_left::{TimeLeft, within};
use crate::work::{Effect, Kept};
use crate::{Failure, Work};
use fanfare_bootstrap::ErrorChain;
use fanfare_event::{Payload, Timestamp};
use futures_util::FutureExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::time::Instant;

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Performs an effect under a lease, unless an earlier attempt did and its result is kept. Gives the work
    /// that is to be committed: `work`, or what follows from the result.
    pub(crate) async fn act(
        &self,
        case: Case,
        work: Work,
        effect: Effect<Fx, Kept>,
        time: TimeLeft,
    ) -> Result<Ready, Settled> {
        let Effect { effect, then } = effect;
        let needs = (self.consumer.needs)(&effect);
        if let Some(after) = self.breakers.holds_back(needs, self.now())
            && !case.message.is_overdue(self.now())
        {
            let after = self.held_back_for(&case.message, after);
            return Err(case.ends(End::held_back(after)));
        }
        let result = self.result(&case.attempt, effect, needs, time).await;
        // What neither worked nor failed proves nothing.
        self.breakers.unproven(needs, self.now());
        let (token, result, stage) = match result {
            Ok(performed) => performed,
            Err(end) => return Err(case.ends(end)),
        };
        let ready = Ready::new(case, work, Guard::Claimed(token), stage);
        let Some(then) = then else { return Ok(ready) };
        match catch_unwind(AssertUnwindSafe(|| then(result))) {
            Ok(Ok(work)) => Ok(Ready { work, ..ready }),
            Ok(Err(failure)) => Err(ready.failed(failure)),
            Err(_) => Err(ready.failed(Failure::panicked())),
        }
    }

    /// What an effect comes to, with the token of the lease under which it is known.
    async fn result(
        &self,
        attempt: &Attempt,
        effect: Fx,
        needs: &'static str,
        time: TimeLeft,
    ) -> Result<(String, Kept, Stage), End> {
        let left = time.at(self.now()).ok_or_else(End::no_time)?;
        let until = Instant::now() + self.consumer.lease.map_or(left, |lease| left.min(lease));
        let (token, Claimed { past, claims }) = self.claim(attempt, until, time).await?;
        if let Some(past) = past {
            let result = known(past, attempt, &token)?;
            return Ok((token, result, Stage::KnownBefore));
        }
        if claims > self.max_tries {
            return Err(End::failed_under(Guard::Claimed(token), too_often(claims - 1)));
        }
        let performed = self.perform(effect, &token, until).await;
        self.tell_what_it_shows(needs, &performed);
        let result = performed.map_err(|end| end.of_effect(claims))?;
        let stage = match self.keep(attempt, &token, &result, time).await {
            true => Stage::Kept,
            false => Stage::Performed,
        };
        Ok((token, result, stage))
    }

    /// Tells the circuit breakers what an effect has shown of what it needs.
    fn tell_what_it_shows(&self, needs: &'static str, performed: &Result<Kept, End>) {
        let (dependency, now) = (Dependency::OfEffects(needs), self.now());
        let failure = match performed {
            Ok(_) => return self.breakers.works(dependency, now),
            Err(End::Failed { failure, .. }) => failure,
            Err(End::Done { .. } | End::Untried { .. }) => return,
        };
        let is_down = matches!(failure, Failure::Unavailable { .. } | Failure::Unknown { .. });
        if is_down && self.breakers.failed(dependency, now, &self.committer.host) {
            let consumer = self.consumer.name;
            tracing::error!(consumer, dependency = needs, "the circuit breaker is open");
        }
    }

    /// Claims the lease. Gives its token with the claim.
    async fn claim(
        &self,
        attempt: &Attempt,
        until: Instant,
        time: TimeLeft,
    ) -> Result<(String, Claimed), End> {
        let lease_until = match self.consumer.lease {
            Some(lease) => self.now().checked_add(lease).unwrap_or(Timestamp::MAX),
            None => time.deadline,
        };
        let token = self.committer.host.token();
        let policy = self.consumer.unknown_outcome;
        let claim = claim(&self.committer, attempt, token.clone(), lease_until, policy);
        match within(until, claim).await {
            Some(claimed) => Ok((token, claimed?)),
            // The claim may have been made all the same.
            None => {
                let failure = Failure::unavailable(DYNAMODB, "the lease was not granted in time");
                Err(End::failed_under(Guard::Maybe(token), failure))
            }
        }
    }

    async fn perform(&self, effect: Fx, token: &str, until: Instant) -> Result<Kept, End> {
        let ours = || Guard::Claimed(token.to_owned());
        if Instant::now() >= until {
            return Err(End::failed_under(ours(), Failure::busy("no time is left to act")));
        }
        let perform = async { (self.consumer.perform)(effect).await };
        let performed = within(until, AssertUnwindSafe(perform).catch_unwind()).await;
        // What may have acted leaves its claim to run out, so that the next attempt knows.
        match performed {
            Some(Ok(Ok(result))) => Ok(result),
            Some(Ok(Err(failure @ Failure::Unknown { .. }))) => Err(End::failed(failure)),
            // It did not act, so that its claim can go at once, also when no retry will help.
            Some(Ok(Err(failure))) => {
                Err(End::failed_under(Guard::Maybe(token.to_owned()), failure))
            }
            Some(Err(_)) => {
                let reason = Failure::panicked().to_string();
                Err(End::failed(Failure::unknown(reason)))
            }
            None => Err(End::failed(Failure::unknown("the effect did not end in time"))),
        }
    }

    /// Keeps an effect's result, so that no later attempt acts again. Gives whether it is known to be kept: if not,
    /// the work may be committed all the same.
    async fn keep(&self, attempt: &Attempt, token: &str, result: &Kept, time: TimeLeft) -> bool {
        if !self.consumer.keeps_results {
            return false;
        }
        let past = PastEffect { digest: attempt.digest.clone(), result: result.0.clone() };
        let keep = self.committer.keep(&attempt.ledger_id, token, &past);
        match within(time.keep(self.now()), keep).await {
            Some(Ok(Stored::Yes(_))) => true,
            Some(Ok(Stored::No(_))) => false,
            Some(Err(error)) => {
                tracing::warn!(error = %ErrorChain(&error), "an effect's result was not kept");
                false
            }
            None => {
                tracing::warn!("an effect's result was not kept in time");
                false
            }
        }
    }
}

/// The failure of an effect that was begun so many times, and of which nobody knows whether it happened.
fn too_often(begun: u32) -> Failure {
    Failure::permanent(format!("it was begun {begun} times, and its outcome is unknown"))
}

/// What an earlier attempt's effect came to, if that was on the same content.
fn known(past: PastEffect, attempt: &Attempt, token: &str) -> Result<Kept, End> {
    if past.digest == attempt.digest {
        return Ok(Kept(past.result));
    }
    let failure = Failure::permanent(format!(
        "an effect was performed for another content of the event: digest {} then, {} now",
        past.digest, attempt.digest,
    ));
    Err(End::failed_under(Guard::Claimed(token.to_owned()), failure))
}
