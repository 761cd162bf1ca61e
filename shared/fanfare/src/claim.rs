//! An effect outside DynamoDB, under a fenced lease.
//!
//! Claim, act, complete: the claim is a ledger record with a token, and only who still holds that token
//! can complete or release it. An owner that outlived its lease can do neither.

use crate::attempt::Attempt;
use crate::case::End;
use crate::committer::{Committer, Stored};
use crate::guard::{Guard, acted_on_another, applied};
use crate::ledger::{Outcome, PastEffect, Record};
use crate::{Failure, UnknownOutcome};
use fanfare_event::Timestamp;
use std::time::Duration;

/// Why an event is parked.
const UNKNOWN: &str = "an earlier attempt may have acted: its outcome is unknown";

/// A claim that is ours.
#[derive(Debug)]
pub(crate) struct Claimed {
    /// What an earlier attempt did, if it kept that.
    pub(crate) past: Option<PastEffect>,
    /// How often the effect was claimed since its outcome was last known, this time included.
    pub(crate) claims: u32,
}

impl From<Record> for Claimed {
    fn from(record: Record) -> Self {
        Self { past: record.effect, claims: record.claims }
    }
}

/// Claims the lease on an event's effect, by this token, until `lease_until`.
///
/// # Errors
/// The end of the event: it was applied before, or it fails, when another claim still runs, when one ran out and the
/// consumer's policy is to park such events, when the event was applied with another content or may have been acted on
/// with one, or when
/// DynamoDB does not answer; a claim that took effect all the same is given up by the record of that failure.
pub(crate) async fn claim(
    committer: &Committer,
    attempt: &Attempt,
    token: String,
    lease_until: Timestamp,
    policy: UnknownOutcome,
) -> Result<Claimed, End> {
    let now = committer.host.now();
    let guard = match policy {
        UnknownOutcome::Retry => Guard::Lapsed,
        UnknownOutcome::Park => Guard::Unclaimed,
    };
    let record = attempt.claimed(token.clone(), lease_until, now);
    let unanswered = |failure| End::failed_under(Guard::Maybe(token.clone()), failure);
    let malformed =
        |e: serde_dynamo::Error| Failure::permanent("the ledger record is malformed").caused_by(e);
    let granted = |item| match serde_dynamo::from_item::<_, Record>(item) {
        Ok(record) => Ok(Claimed::from(record)),
        Err(e) => Err(End::failed_under(Guard::Claimed(token.clone()), malformed(e))),
    };
    let item = match committer.record(&record, &guard).await.map_err(unanswered)? {
        Stored::Yes(item) => return granted(item),
        Stored::No(item) => item,
    };
    let held: Record = serde_dynamo::from_item(item).map_err(|e| End::failed(malformed(e)))?;
    if held.outcome == Outcome::Done {
        return Err(match applied(&held, &attempt.digest) {
            Ok(()) => End::duplicate(),
            Err(failure) => End::failed(failure),
        });
    }
    // The answer to our own claim was lost, and the SDK asked again.
    if held.token.as_ref() == Some(&token) {
        return Ok(Claimed::from(held));
    }
    let left = held.lease_until.map_or(0, |until| until - now.as_millisecond());
    match u64::try_from(left) {
        Ok(left) => {
            let left = Duration::from_millis(left + 1);
            Err(End::failed(Failure::busy_for(left, "another attempt is under way")))
        }
        Err(_) => {
            let looked_at = held.token.is_some() && held.token == attempt.put_back;
            let dead = held.token.clone().map_or(Guard::Unclaimed, Guard::Claimed);
            if held.effect.is_none() && !looked_at {
                let is_same = held.digest.as_ref() == Some(&attempt.digest);
                return Err(match (is_same, policy) {
                    (true, _) => End::failed_under(dead, Failure::permanent(UNKNOWN)),
                    (false, UnknownOutcome::Park) => {
                        End::failed_under(dead, acted_on_another(&held, attempt))
                    }
                    // The record stays the other content's: a copy of this one is not acted on either.
                    (false, UnknownOutcome::Retry) => End::failed(acted_on_another(&held, attempt)),
                });
            }
            // Its outcome is known, or somebody has looked what became of it.
            match committer.record(&record, &dead).await.map_err(unanswered)? {
                Stored::Yes(item) => granted(item),
                Stored::No(_) => Err(End::failed(Failure::busy("another attempt is under way"))),
            }
        }
    }
}
