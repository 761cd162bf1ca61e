//! What SQS refuses by its limits, and the embedded queues take.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html>

use std::ops::RangeInclusive;

use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::{ReceiveMessageInput, SendMessageInput};

const DELAY_SECONDS: RangeInclusive<i32> = 0..=900;
const MESSAGES: RangeInclusive<i32> = 1..=10;
const WAIT_SECONDS: RangeInclusive<i32> = 0..=20;
const VISIBILITY_SECONDS: RangeInclusive<i32> = 0..=43_200;

pub(super) fn of_send(input: &SendMessageInput) -> Result<(), SqsError> {
    within("DelaySeconds", input.delay_seconds, DELAY_SECONDS)
}

pub(super) fn of_receive(input: &ReceiveMessageInput) -> Result<(), SqsError> {
    within("MaxNumberOfMessages", input.max_number_of_messages, MESSAGES)?;
    within("WaitTimeSeconds", input.wait_time_seconds, WAIT_SECONDS)?;
    within("VisibilityTimeout", input.visibility_timeout, VISIBILITY_SECONDS)
}

pub(super) fn of_visibility(seconds: i32) -> Result<(), SqsError> {
    within("VisibilityTimeout", Some(seconds), VISIBILITY_SECONDS)
}

fn within(name: &str, value: Option<i32>, limits: RangeInclusive<i32>) -> Result<(), SqsError> {
    match value.filter(|value| !limits.contains(value)) {
        None => Ok(()),
        Some(value) => Err(SqsError::invalid_parameter_value(format!(
            "Value {value} for parameter {name} is invalid. Reason: Must be between {} and {}, if provided.",
            limits.start(),
            limits.end()
        ))),
    }
}
