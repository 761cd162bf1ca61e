//! An effect: claimed, performed, its result kept, and then what follows from it.

use crate::attempt::Attempt;
use crate::batch::Runtime;
use crate::commit::{Committed, DYNAMODB, Stored};
use crate::effect::{Claim, claim};
use crate::handled::End;
use crate::ledger::PastEffect;
use crate::time_left::{TimeLeft, within};
use crate::transaction::Guard;
use crate::work::{Effect, Kept};
use crate::{Failure, UnknownOutcome, Work};
use fanfare_bootstrap::ErrorChain;
use fanfare_event::{Payload, Timestamp};
use futures_util::FutureExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::time::Instant;

/// How work that is to be committed stands with the ledger.
#[derive(Debug)]
pub(crate) struct Standing {
    /// What the commit asks of the record.
    pub(crate) guard: Guard,
    /// Whether an effect was performed for it in this attempt.
    pub(crate) acted: bool,
    /// Whether the effect's result is kept, so that nothing is done twice when its claim is given up.
    pub(crate) is_kept: bool,
}

impl Standing {
    /// Whether it holds a claim.
    pub(crate) fn is_claimed(&self) -> bool {
        matches!(self.guard, Guard::Claimed(_))
    }

    /// The end of work that was not committed, or is not known to be.
    pub(crate) fn failed(self, failure: Failure) -> End {
        match self.guard {
            // Only its claim keeps the next attempt from acting again at once.
            Guard::Claimed(_) if !self.is_kept && !failure.is_permanent() => End::failed(failure),
            Guard::NoResult(UnknownOutcome::Retry) => End::failed_under(Guard::Lapsed, failure),
            Guard::NoResult(UnknownOutcome::Park) => End::failed(failure),
            guard => End::failed_under(guard, failure),
        }
    }
}

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Performs an effect under a lease, unless an earlier attempt did and its result is kept. Gives the work
    /// that is to be committed: `work`, or what follows from the result.
    pub(crate) async fn act(
        &self,
        attempt: &Attempt,
        work: Work,
        effect: Effect<Fx, Kept>,
        time: TimeLeft,
    ) -> Result<(Work, Standing), End> {
        let no_time = || End::Untried { why: "no time is left", after: Some(Duration::ZERO) };
        let left = time.at(self.now()).ok_or_else(no_time)?;
        let until = Instant::now() + self.consumer.lease.map_or(left, |lease| left.min(lease));
        let (token, past) = self.claim(attempt, until, time).await?;
        let Effect { effect, then } = effect;
        let (result, acted, is_kept) = match past {
            Some(past) => (known(past, attempt, &token)?, false, true),
            None => {
                let result = self.perform(effect, &token, until).await?;
                let is_kept = self.keep(attempt, &token, &result, time).await;
                (result, true, is_kept)
            }
        };
        let standing = Standing { guard: Guard::Claimed(token), acted, is_kept };
        let Some(then) = then else { return Ok((work, standing)) };
        match catch_unwind(AssertUnwindSafe(|| then(result))) {
            Ok(Ok(work)) => Ok((work, standing)),
            Ok(Err(failure)) => Err(standing.failed(failure)),
            Err(_) => Err(standing.failed(Failure::panicked())),
        }
    }

    /// Claims the lease. Gives its token, and what an earlier attempt did.
    async fn claim(
        &self,
        attempt: &Attempt,
        until: Instant,
        time: TimeLeft,
    ) -> Result<(String, Option<PastEffect>), End> {
        let lease_until = match self.consumer.lease {
            Some(lease) => self.now().checked_add(lease).unwrap_or(Timestamp::MAX),
            None => time.deadline,
        };
        let token = self.committer.surroundings.token();
        let policy = self.consumer.unknown_outcome;
        let claim = claim(&self.committer, attempt, token.clone(), lease_until, policy);
        match within(until, claim).await {
            Some(Ok(Claim::Ours(past))) => Ok((token, past)),
            Some(Ok(Claim::Applied)) => {
                Err(End::Done { committed: Committed::Duplicate, acted: false })
            }
            Some(Err((failure, guard))) => Err(End::failed_under(guard, failure)),
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
            return Err(End::failed_under(ours(), Failure::retry("no time is left to act")));
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
