//! What must hold of an event's ledger record for it to be replaced: the guard against doing anything twice.

use crate::attempt::Attempt;
use crate::ledger::Record;
use crate::{Failure, UnknownOutcome};
use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_event::Timestamp;

/// What must hold.
#[derive(Debug, Clone)]
pub(crate) enum Guard {
    /// The event was not applied, and no effect of it was ever begun and left open.
    Unclaimed,
    /// The event was not applied, and no lease on an effect of it runs any more; one that has run out was on the same
    /// content.
    Lapsed,
    /// As [`Lapsed`](Self::Lapsed) or [`Unclaimed`](Self::Unclaimed), by the policy, and no effect's result is
    /// kept: for work without an effect.
    NoResult(UnknownOutcome),
    /// The effect is under way and its lease is ours.
    Claimed(String),
    /// As [`Unclaimed`](Self::Unclaimed), or the lease is ours: it is not known whether it was granted.
    Maybe(String),
}

impl Guard {
    /// Whether a lease is held.
    pub(crate) fn is_claimed(&self) -> bool {
        matches!(self, Self::Claimed(_))
    }

    /// What it asks of the ledger record, with the values that the expression names.
    pub(crate) fn condition(
        &self,
        now: Timestamp,
    ) -> (&'static str, Vec<(&'static str, AttributeValue)>) {
        let done = (":isDone", AttributeValue::S("done".to_owned()));
        let now = || (":now", AttributeValue::N(now.as_millisecond().to_string()));
        let ours = |token: &String| (":ours", AttributeValue::S(token.clone()));
        match self {
            Self::Lapsed => (
                "attribute_not_exists(id) \
                 OR (outcome <> :isDone AND (attribute_not_exists(#token) \
                 OR (leaseUntil < :now AND digest = :digest)))",
                vec![done, now()],
            ),
            Self::Unclaimed => (
                "attribute_not_exists(id) OR (outcome <> :isDone AND attribute_not_exists(#token))",
                vec![done],
            ),
            Self::NoResult(UnknownOutcome::Retry) => (
                "attribute_not_exists(id) \
                 OR (outcome <> :isDone AND attribute_not_exists(effect) \
                 AND (attribute_not_exists(#token) OR (leaseUntil < :now AND digest = :digest)))",
                vec![done, now()],
            ),
            Self::NoResult(UnknownOutcome::Park) => (
                "attribute_not_exists(id) \
                 OR (outcome <> :isDone AND attribute_not_exists(effect) \
                 AND attribute_not_exists(#token))",
                vec![done],
            ),
            Self::Claimed(token) => ("attribute_exists(id) AND #token = :ours", vec![ours(token)]),
            Self::Maybe(token) => (
                "attribute_not_exists(id) \
                 OR (outcome <> :isDone AND (attribute_not_exists(#token) OR #token = :ours))",
                vec![done, ours(token)],
            ),
        }
    }
}

/// The failure of an event whose effect may have been performed, but for another content under the same id.
pub(crate) fn acted_on_another(record: &Record, attempt: &Attempt) -> Failure {
    let before = record.digest.as_deref().unwrap_or("unknown");
    Failure::permanent(format!(
        "an earlier attempt may have acted on another content of the event: digest {before} then, {} now",
        attempt.digest,
    ))
}

/// Whether an event that was applied before is a duplicate.
///
/// # Errors
/// A permanent [`Failure`] when it says something else now.
pub(crate) fn applied(record: &Record, digest: &str) -> Result<(), Failure> {
    match &record.digest {
        Some(before) if before != digest => Err(Failure::permanent(format!(
            "the event was applied before with another content: digest {before} then, {digest} now"
        ))),
        _ => Ok(()),
    }
}
