//! An effect outside DynamoDB, under a fenced lease.
//!
//! Claim, act, complete: the claim is a ledger record with a token, and only who still holds that token
//! can complete or release it. An owner that outlived its lease can do neither.

use crate::Failure;
use crate::attempt::Attempt;
use crate::commit::{Committer, Stored};
use crate::ledger::{ID, LEASE_UNTIL, OUTCOME};
use aws_sdk_dynamodb::types::{AttributeValue, Put};
use event_schema::Timestamp;
use uuid::Uuid;

/// What came of asking for the lease.
#[derive(Debug)]
pub(crate) enum Claim {
    /// The lease is ours, by this token.
    Ours(String),
    /// The event was applied before.
    Applied,
    /// Another owner's lease still runs.
    Held,
}

/// Claims the lease on an event's effect until `lease_until`, unless the event was applied or another
/// claim still runs.
///
/// # Errors
/// A [`Failure`] when DynamoDB does not answer; a claim that took effect all the same runs out by itself.
pub(crate) async fn claim(
    committer: &Committer,
    attempt: &Attempt,
    lease_until: Timestamp,
) -> Result<Claim, Failure> {
    let token = Uuid::now_v7().to_string();
    let record = attempt.claimed(token.clone(), lease_until);
    let item = serde_dynamo::to_item(&record)
        .map_err(|e| Failure::permanent("the claim can't be written").caused_by(e))?;
    let now = AttributeValue::N(Timestamp::now().as_millisecond().to_string());
    let done = AttributeValue::S("done".to_owned());
    let put = Put::builder()
        .table_name(&committer.ledger)
        .set_item(Some(item))
        .condition_expression(
            "attribute_not_exists(#id) \
             OR (#outcome <> :done AND (attribute_not_exists(#lease) OR #lease < :now))",
        )
        .expression_attribute_names("#id", ID)
        .expression_attribute_names("#outcome", OUTCOME)
        .expression_attribute_names("#lease", LEASE_UNTIL)
        .expression_attribute_values(":done", done.clone())
        .expression_attribute_values(":now", now)
        .build()
        .map_err(|e| Failure::permanent("the claim can't be written").caused_by(e))?;
    Ok(match committer.put(put).await? {
        Stored::Yes => Claim::Ours(token),
        Stored::No(item) if item.get(OUTCOME) == Some(&done) => Claim::Applied,
        Stored::No(_) => Claim::Held,
    })
}
