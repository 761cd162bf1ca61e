//! Requests with up to ten entries, each of which has an answer of its own.

use rustack_sqs_model::error::{SqsError, SqsErrorCode};
use rustack_sqs_model::input::{
    ChangeMessageVisibilityBatchInput, ChangeMessageVisibilityInput, DeleteMessageBatchInput,
    SendMessageBatchInput, SendMessageInput,
};
use rustack_sqs_model::types::{BatchResultErrorEntry, SendMessageBatchRequestEntry};
use serde_json::{Value, json};

use super::json_of;
use crate::queues::{Queues, size};

const ENTRIES: usize = 10;
/// Bytes of all entries together.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>
const SIZE: usize = 1_048_576;

pub(super) async fn send(queues: &Queues, input: SendMessageBatchInput) -> Result<Value, SqsError> {
    let SendMessageBatchInput { queue_url, entries } = input;
    queues.find(&queue_url)?;
    check_ids(entries.iter().map(|entry| entry.id.as_str()))?;
    let sizes = entries.iter().map(|entry| size(&entry.message_body, &entry.message_attributes));
    if sizes.sum::<usize>() > SIZE {
        return Err(SqsError::new(
            SqsErrorCode::BatchRequestTooLong,
            format!("Batch requests cannot be longer than {SIZE} bytes."),
        ));
    }
    let mut results = Results::default();
    for entry in entries {
        let SendMessageBatchRequestEntry {
            id,
            message_body,
            delay_seconds,
            message_deduplication_id,
            message_group_id,
            message_attributes,
            message_system_attributes,
        } = entry;
        let input = SendMessageInput {
            queue_url: queue_url.clone(),
            message_body,
            delay_seconds,
            message_deduplication_id,
            message_group_id,
            message_attributes,
            message_system_attributes,
        };
        let result = queues.send(input).await.and_then(|output| json_of(&output));
        results.add(id, result);
    }
    Ok(results.into_json())
}

pub(super) async fn delete(
    queues: &Queues,
    input: DeleteMessageBatchInput,
) -> Result<Value, SqsError> {
    let queue = queues.find(&input.queue_url)?;
    check_ids(input.entries.iter().map(|entry| entry.id.as_str()))?;
    let mut results = Results::default();
    for entry in input.entries {
        let result = queues.delete(&queue, &entry.receipt_handle).await;
        results.add(entry.id, result.map(|()| json!({})));
    }
    Ok(results.into_json())
}

pub(super) fn change_visibility(
    queues: &Queues,
    input: ChangeMessageVisibilityBatchInput,
) -> Result<Value, SqsError> {
    queues.find(&input.queue_url)?;
    check_ids(input.entries.iter().map(|entry| entry.id.as_str()))?;
    let mut results = Results::default();
    for entry in input.entries {
        let change = ChangeMessageVisibilityInput {
            queue_url: input.queue_url.clone(),
            receipt_handle: entry.receipt_handle,
            visibility_timeout: entry.visibility_timeout,
        };
        results.add(entry.id, queues.change_visibility(&change).map(|()| json!({})));
    }
    Ok(results.into_json())
}

/// What became of each entry.
#[derive(Default)]
struct Results {
    successful: Vec<Value>,
    failed: Vec<BatchResultErrorEntry>,
}

impl Results {
    fn add(&mut self, id: String, result: Result<Value, SqsError>) {
        match result {
            Ok(mut entry) => {
                entry["Id"] = id.into();
                self.successful.push(entry);
            }
            Err(error) => self.failed.push(BatchResultErrorEntry {
                id,
                sender_fault: error.code.is_sender_fault(),
                code: error.code.error_type().to_owned(),
                message: Some(error.message),
            }),
        }
    }

    fn into_json(self) -> Value {
        json!({"Successful": self.successful, "Failed": self.failed})
    }
}

fn check_ids<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), SqsError> {
    let mut seen: Vec<&str> = Vec::with_capacity(ENTRIES);
    for id in ids {
        let is_valid = (1..=80).contains(&id.len())
            && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        if !is_valid {
            return Err(SqsError::new(
                SqsErrorCode::InvalidBatchEntryId,
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 \
                 letters long.",
            ));
        }
        if seen.contains(&id) {
            return Err(SqsError::batch_entry_ids_not_distinct());
        }
        seen.push(id);
    }
    match seen.len() {
        0 => Err(SqsError::empty_batch_request()),
        1..=ENTRIES => Ok(()),
        _ => Err(SqsError::too_many_entries_in_batch()),
    }
}
