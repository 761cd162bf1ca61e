//! Why DynamoDB did not commit a transaction: the one place that tells its refusals apart.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason};
use std::collections::HashMap;

/// Why a transaction was not committed, told apart by what the caller can do.
///
/// ```
/// use fanfare_event_store::TransactionError;
///
/// /// Whether the same transaction may be sent again as it is.
/// fn is_worth_a_retry(error: &TransactionError) -> bool {
///     match error {
///         TransactionError::Conflict | TransactionError::Throttled => true,
///         TransactionError::Unavailable(_) => true,
///         TransactionError::ConditionsFailed(_) | TransactionError::Invalid(_) => false,
///     }
/// }
/// assert!(is_worth_a_retry(&TransactionError::Conflict));
/// ```
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// Conditions do not hold, and nothing was written: look at the items, and decide again.
    #[error("a condition of the transaction does not hold")]
    ConditionsFailed(Vec<FailedCondition>),
    /// Another transaction was at one of the items, and nothing was written: which of the two is right is open. Send
    /// the same again.
    #[error("another transaction is at one of the items")]
    Conflict,
    /// DynamoDB takes no more at the moment, and nothing was written: send the same again, later.
    #[error("DynamoDB is throttling")]
    Throttled,
    /// It can never be written as it is: too large, or malformed.
    #[error("DynamoDB can't take the transaction: {0}")]
    Invalid(String),
    /// DynamoDB did not answer, or not so that anything is known: the transaction may have been committed.
    #[error("DynamoDB is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A condition that does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedCondition {
    /// The place in the transaction of the item whose condition it is, from 0.
    pub place: usize,
    /// The item as it is, if the transaction asked for it and there is one.
    pub item: Option<HashMap<String, AttributeValue>>,
}

/// What DynamoDB holds against one item of a cancelled transaction
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
///
/// ```
/// use aws_sdk_dynamodb::types::CancellationReason;
/// use fanfare_event_store::ItemRefusal;
///
/// let reason = |code: &str| CancellationReason::builder().code(code).build();
/// assert_eq!(ItemRefusal::of(&reason("None")), None);
/// assert_eq!(ItemRefusal::of(&reason("TransactionConflict")), Some(ItemRefusal::Conflict));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemRefusal {
    /// Its condition does not hold.
    ConditionFailed,
    /// Another transaction is at it.
    Conflict,
    /// DynamoDB takes no more for it at the moment.
    Throttled,
    /// It can never be written as it is.
    Invalid,
    /// Something that this build does not know.
    Unknown,
}

impl ItemRefusal {
    /// What a reason means for its item: nothing, if that was not at fault.
    pub fn of(reason: &CancellationReason) -> Option<Self> {
        match reason.code() {
            None | Some("None") => None,
            Some("ConditionalCheckFailed") => Some(Self::ConditionFailed),
            Some("TransactionConflict") => Some(Self::Conflict),
            Some("ProvisionedThroughputExceeded" | "ThrottlingError") => Some(Self::Throttled),
            Some("ValidationError" | "ItemCollectionSizeLimitExceeded") => Some(Self::Invalid),
            Some(_) => Some(Self::Unknown),
        }
    }
}

impl TransactionError {
    /// What the answer to a TransactWriteItems means.
    pub fn of(error: SdkError<TransactWriteItemsError>) -> Self {
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let cancelled = Self::cancelled(cancelled.cancellation_reasons());
                cancelled.unwrap_or_else(|| Self::Unavailable(error.into()))
            }
            Some(
                TransactWriteItemsError::ProvisionedThroughputExceededException(_)
                | TransactWriteItemsError::RequestLimitExceeded(_)
                | TransactWriteItemsError::ThrottlingException(_),
            ) => Self::Throttled,
            // An earlier attempt of the same request is still under way, and may be committed yet.
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
                Self::Unavailable(error.into())
            }
            Some(other) if other.code() == Some("ValidationException") => {
                Self::Invalid(other.message().unwrap_or("ValidationException").to_owned())
            }
            _ => Self::Unavailable(error.into()),
        }
    }

    /// What the reasons, one for each item in their order, come to. What is certain counts before what may pass: a
    /// condition that does not hold, then what can never be written. `None` when they say nothing that is known.
    fn cancelled(reasons: &[CancellationReason]) -> Option<Self> {
        let has = |kind| reasons.iter().any(|reason| ItemRefusal::of(reason) == Some(kind));
        let failed: Vec<_> = reasons
            .iter()
            .enumerate()
            .filter(|(_, reason)| ItemRefusal::of(reason) == Some(ItemRefusal::ConditionFailed))
            .map(|(place, reason)| FailedCondition { place, item: reason.item().cloned() })
            .collect();
        let invalid =
            reasons.iter().find(|reason| ItemRefusal::of(reason) == Some(ItemRefusal::Invalid));
        match invalid {
            _ if !failed.is_empty() => Some(Self::ConditionsFailed(failed)),
            Some(reason) => {
                let words = reason.message().or(reason.code()).unwrap_or_default();
                Some(Self::Invalid(words.to_owned()))
            }
            None if has(ItemRefusal::Unknown) => None,
            None if has(ItemRefusal::Conflict) => Some(Self::Conflict),
            None if has(ItemRefusal::Throttled) => Some(Self::Throttled),
            None => None,
        }
    }
}
