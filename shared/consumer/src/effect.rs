//! An effect outside DynamoDB, under a fenced lease.
//!
//! Claim, act, complete: the claim is a ledger record with a token, and only who still holds that token
//! can complete or release it. An owner that outlived its lease can do neither.

use crate::attempt::Attempt;
use crate::commit::{Committer, Stored};
use crate::ledger::{LEASE_UNTIL, Outcome, Record};
use crate::refusal::{Verdict, applied};
use crate::transaction::Guard;
use crate::{Failure, UnknownOutcome};
use aws_sdk_dynamodb::types::AttributeValue;
use event_schema::Timestamp;
use std::time::Duration;

/// What came of asking for the lease.
#[derive(Debug)]
pub(crate) enum Claim {
    /// The lease is ours, by this token.
    Ours(String),
    /// The event was applied before.
    Applied,
}

/// Claims the lease on an event's effect until `lease_until`.
///
/// # Errors
/// A [`Failure`] when another claim still runs, when one ran out and the consumer's policy is to park such
/// events, when the event was applied with another content, or when DynamoDB does not answer; a claim
/// that took effect all the same runs out by itself.
pub(crate) async fn claim(
    committer: &Committer,
    attempt: &Attempt,
    lease_until: Timestamp,
    policy: UnknownOutcome,
) -> Result<Claim, Failure> {
    let now = committer.surroundings.now();
    let token = committer.surroundings.token();
    let record = attempt.claimed(token.clone(), lease_until, now);
    let mut update = committer.builder().record(&record, &Guard::Unclaimed)?;
    if policy == UnknownOutcome::Retry {
        // A claim whose lease ran out may be taken over.
        update.condition_expression = update.condition_expression.map(|condition| {
            format!("({condition}) OR (#outcome <> :isDone AND #leaseUntil < :now)")
        });
        let values = update.expression_attribute_values.get_or_insert_default();
        values.insert(":now".to_owned(), AttributeValue::N(now.as_millisecond().to_string()));
        let names = update.expression_attribute_names.get_or_insert_default();
        names.insert("#leaseUntil".to_owned(), LEASE_UNTIL.to_owned());
    }
    let item = match committer.update(update).await? {
        Stored::Yes(_) => return Ok(Claim::Ours(token)),
        Stored::No(item) => item,
    };
    let held: Record = serde_dynamo::from_item(item)
        .map_err(|e| Failure::permanent("the ledger record is malformed").caused_by(e))?;
    match (held.outcome, held.lease_until) {
        (Outcome::Done, _) => match applied(&held, &attempt.digest) {
            Verdict::Failed(failure) => Err(failure),
            _ => Ok(Claim::Applied),
        },
        (_, Some(until)) if until < now.as_millisecond() => {
            Err(Failure::permanent("an earlier attempt may have acted: its outcome is unknown"))
        }
        (_, until) => {
            let left = until.and_then(|until| u64::try_from(until - now.as_millisecond()).ok());
            let left = Duration::from_millis(left.unwrap_or_default() + 1);
            Err(Failure::retry_after(left, "another attempt is under way"))
        }
    }
}
