//! Each refusal of a transaction by DynamoDB, and what it means.

use aws_sdk_dynamodb::error::ErrorMetadata;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use aws_sdk_dynamodb::types::error as types;
use aws_smithy_runtime_api::http::{Response, StatusCode};
use aws_smithy_types::body::SdkBody;
use fanfare_event_store::{FailedCondition, TransactionError};

fn answered(error: TransactWriteItemsError) -> TransactionError {
    let status = StatusCode::try_from(400).expect("a status");
    let response = Response::new(status, SdkBody::empty());
    TransactionError::of(SdkError::service_error(error, response))
}

fn cancelled(codes: &[&str]) -> TransactionError {
    let reason = |code: &&str| CancellationReason::builder().code(*code).build();
    let cancelled = types::TransactionCanceledException::builder()
        .set_cancellation_reasons(Some(codes.iter().map(reason).collect()));
    answered(TransactWriteItemsError::TransactionCanceledException(cancelled.build()))
}

#[test]
fn each_reason_of_a_cancelled_transaction_has_its_meaning() {
    let named = |code| match cancelled(&["None", code]) {
        TransactionError::ConditionsFailed(_) => "conditions failed",
        TransactionError::Conflict => "conflict",
        TransactionError::Throttled => "throttled",
        TransactionError::Invalid(_) => "invalid",
        TransactionError::Unavailable(_) => "unavailable",
    };
    for (code, meaning) in [
        ("ConditionalCheckFailed", "conditions failed"),
        ("TransactionConflict", "conflict"),
        ("ProvisionedThroughputExceeded", "throttled"),
        ("ThrottlingError", "throttled"),
        ("ValidationError", "invalid"),
        ("ItemCollectionSizeLimitExceeded", "invalid"),
        ("None", "unavailable"),
        ("NeverHeardOf", "unavailable"),
    ] {
        assert_eq!(named(code), meaning, "{code}");
    }
}

#[test]
fn what_is_certain_counts_before_what_may_pass() {
    let error = cancelled(&["TransactionConflict", "ConditionalCheckFailed", "ThrottlingError"]);
    let TransactionError::ConditionsFailed(failed) = error else { panic!("{error:?}") };
    assert_eq!(failed, [FailedCondition { place: 1, item: None }]);
    let error = cancelled(&["TransactionConflict", "ValidationError"]);
    assert!(matches!(error, TransactionError::Invalid(_)), "{error:?}");
}

#[test]
fn a_transaction_that_is_still_in_progress_may_be_committed_yet() {
    let in_progress = types::TransactionInProgressException::builder().build();
    let error = answered(TransactWriteItemsError::TransactionInProgressException(in_progress));
    assert!(matches!(error, TransactionError::Unavailable(_)), "{error:?}");
}

#[test]
fn what_is_throttled_as_a_whole_was_not_written() {
    for error in [
        TransactWriteItemsError::ProvisionedThroughputExceededException(
            types::ProvisionedThroughputExceededException::builder().build(),
        ),
        TransactWriteItemsError::RequestLimitExceeded(
            types::RequestLimitExceeded::builder().build(),
        ),
        TransactWriteItemsError::ThrottlingException(types::ThrottlingException::builder().build()),
    ] {
        let error = answered(error);
        assert!(matches!(error, TransactionError::Throttled), "{error:?}");
    }
}

#[test]
fn a_malformed_request_is_told_from_one_that_was_not_answered() {
    let unmodelled = |code| {
        let metadata = ErrorMetadata::builder().code(code).message("words").build();
        answered(TransactWriteItemsError::generic(metadata))
    };
    let error = unmodelled("ValidationException");
    assert!(matches!(&error, TransactionError::Invalid(words) if words == "words"), "{error:?}");
    assert!(matches!(unmodelled("AccessDeniedException"), TransactionError::Unavailable(_)));
}
