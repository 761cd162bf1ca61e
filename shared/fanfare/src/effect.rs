//! An effect outside DynamoDB, under a fenced lease.
//!
//! Claim, act, complete: the claim is a ledger record with a token, and only who still holds that token
//! can complete or release it. An owner that outlived its lease can do neither.

use crate::attempt::Attempt;
use crate::commit::{Committer, Stored};
use crate::ledger::{Outcome, PastEffect, Record};
use crate::refusal::{Verdict, acted_on_another, applied};
use crate::transaction::Guard;
use crate::{Failure, UnknownOutcome};
use fanfare_event::Timestamp;
use std::time::Duration;

/// Why an event is parked.
const UNKNOWN: &str = "an earlier attempt may have acted: its outcome is unknown";

/// What came of asking for the lease.
#[derive(Debug)]
pub(crate) enum Claim {
    /// The lease is ours; with what an earlier attempt did, if it kept that.
    Ours(Option<PastEffect>),
    /// The event was applied before.
    Applied,
}

/// Claims the lease on an event's effect, by this token, until `lease_until`.
///
/// # Errors
/// A [`Failure`], with what guards the ledger record, when another claim still runs, when one ran out and the
/// consumer's policy is to park such events, when the event was applied with another content or may have been acted on
/// with one, or when
/// DynamoDB does not answer; a claim that took effect all the same is given up by the record of that failure.
pub(crate) async fn claim(
    committer: &Committer,
    attempt: &Attempt,
    token: String,
    lease_until: Timestamp,
    policy: UnknownOutcome,
) -> Result<Claim, (Failure, Guard)> {
    let unclaimed = |failure| (failure, Guard::Unclaimed);
    let now = committer.surroundings.now();
    let guard = match policy {
        UnknownOutcome::Retry => Guard::Lapsed,
        UnknownOutcome::Park => Guard::Unclaimed,
    };
    let record = attempt.claimed(token.clone(), lease_until, now);
    let unanswered = |failure| (failure, Guard::Maybe(token.clone()));
    let malformed = || Failure::permanent("the ledger record is malformed");
    let granted = |item| match serde_dynamo::from_item::<_, Record>(item) {
        Ok(record) => Ok(Claim::Ours(record.effect)),
        Err(e) => Err((malformed().caused_by(e), Guard::Claimed(token.clone()))),
    };
    let item = match committer.record(&record, &guard).await.map_err(unanswered)? {
        Stored::Yes(item) => return granted(item),
        Stored::No(item) => item,
    };
    let held: Record =
        serde_dynamo::from_item(item).map_err(|e| unclaimed(malformed().caused_by(e)))?;
    if held.outcome == Outcome::Done {
        return match applied(&held, &attempt.digest) {
            Verdict::Failed(failure) => Err(unclaimed(failure)),
            _ => Ok(Claim::Applied),
        };
    }
    // The answer to our own claim was lost, and the SDK asked again.
    if held.token.as_ref() == Some(&token) {
        return Ok(Claim::Ours(held.effect));
    }
    let left = held.lease_until.map_or(0, |until| until - now.as_millisecond());
    match u64::try_from(left) {
        Ok(left) => {
            let left = Duration::from_millis(left + 1);
            Err(unclaimed(Failure::retry_after(left, "another attempt is under way")))
        }
        Err(_) => {
            let looked_at = held.token.is_some() && held.token == attempt.put_back;
            let dead = held.token.clone().map_or(Guard::Unclaimed, Guard::Claimed);
            if held.effect.is_none() && !looked_at {
                return Err(match (held.digest.as_ref() == Some(&attempt.digest), policy) {
                    (true, _) => (Failure::permanent(UNKNOWN), dead),
                    (false, UnknownOutcome::Park) => (acted_on_another(&held, attempt), dead),
                    // The record stays the other content's: a copy of this one is not acted on either.
                    (false, UnknownOutcome::Retry) => unclaimed(acted_on_another(&held, attempt)),
                });
            }
            // Its outcome is known, or somebody has looked what became of it.
            match committer.record(&record, &dead).await.map_err(unanswered)? {
                Stored::Yes(item) => granted(item),
                Stored::No(_) => Err(unclaimed(Failure::retry("another attempt is under way"))),
            }
        }
    }
}
