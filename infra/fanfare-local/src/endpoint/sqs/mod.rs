//! SQS over HTTP, in AWS's JSON protocol: reads a request, asks [`Queues`], writes the answer.

mod batch;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::StatusCode;
use rustack_sqs_model::error::{SqsError, SqsErrorCode};
use rustack_sqs_model::input::{
    AddPermissionInput, CancelMessageMoveTaskInput, CreateQueueInput, DeleteMessageInput,
    DeleteQueueInput, GetQueueAttributesInput, GetQueueUrlInput, ListDeadLetterSourceQueuesInput,
    ListMessageMoveTasksInput, ListQueueTagsInput, ListQueuesInput, PurgeQueueInput,
    RemovePermissionInput, SendMessageInput, SetQueueAttributesInput, StartMessageMoveTaskInput,
    TagQueueInput, UntagQueueInput,
};
use rustack_sqs_model::operations::SqsOperation;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::http_server::{Reply, reply};
use crate::queues::Queues;
use crate::usage::Meter;

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
/// The end of a FIFO queue's URL in a request.
const FIFO: &[u8] = b".fifo\"";
/// URLs of one page.
const PAGE: usize = 1000;

/// By what a request is billed: its queue's URL tells FIFO queues by their names.
pub(crate) fn meter(body: &[u8]) -> Meter {
    let is_fifo = body.windows(FIFO.len()).any(|part| part == FIFO);
    if is_fifo { Meter::SqsFifoRequests } else { Meter::SqsRequests }
}

pub(crate) async fn handle(queues: &Queues, operation: &str, body: Bytes) -> Reply {
    match answer(queues, operation, &body).await {
        Ok(body) => reply(StatusCode::OK, CONTENT_TYPE, body.to_string()),
        Err(error) => {
            let kind = format!("com.amazonaws.sqs#{}", json_name(error.code));
            let body = json!({"__type": kind, "message": error.message});
            let mut answer = reply(error.code.status_code(), CONTENT_TYPE, body.to_string());
            if let Ok(code) = error.code.query_error_header().parse() {
                answer.headers_mut().insert("x-amzn-query-error", code);
            }
            answer
        }
    }
}

/// An error's name in the JSON protocol. The model has those of the query protocol, of which two differ by more than their
/// prefix.
fn json_name(code: SqsErrorCode) -> &'static str {
    match code {
        SqsErrorCode::NonExistentQueue => "QueueDoesNotExist",
        SqsErrorCode::QueueAlreadyExists => "QueueNameExists",
        other => other.error_type().trim_start_matches("AWS.SimpleQueueService."),
    }
}

async fn answer(queues: &Queues, operation: &str, body: &[u8]) -> Result<Value, SqsError> {
    let operation =
        SqsOperation::from_name(operation).ok_or_else(|| SqsError::unknown_operation(operation))?;
    match operation {
        SqsOperation::SendMessage => json_of(&queues.send(read::<SendMessageInput>(body)?).await?),
        SqsOperation::SendMessageBatch => batch::send(queues, read(body)?).await,
        SqsOperation::ReceiveMessage => {
            let messages = queues.receive(read(body)?).await?;
            // An empty list is left out, as AWS does.
            Ok(if messages.is_empty() { json!({}) } else { json!({"Messages": messages}) })
        }
        SqsOperation::DeleteMessage => {
            let input: DeleteMessageInput = read(body)?;
            let queue = queues.find(&input.queue_url)?;
            queues.delete(&queue, &input.receipt_handle).await.map(|()| json!({}))
        }
        SqsOperation::DeleteMessageBatch => batch::delete(queues, read(body)?).await,
        SqsOperation::ChangeMessageVisibility => {
            queues.change_visibility(&read(body)?).map(|()| json!({}))
        }
        SqsOperation::ChangeMessageVisibilityBatch => batch::change_visibility(queues, read(body)?),
        SqsOperation::PurgeQueue => {
            queues.purge(&read::<PurgeQueueInput>(body)?.queue_url).await.map(|()| json!({}))
        }
        SqsOperation::DeleteQueue => {
            let url = read::<DeleteQueueInput>(body)?.queue_url;
            queues.delete_queue(&url).await.map(|()| json!({}))
        }
        SqsOperation::StartMessageMoveTask => {
            let input: StartMessageMoveTaskInput = read(body)?;
            let destination = input.destination_arn.as_deref();
            let rate = input.max_number_of_messages_per_second;
            let handle = queues.start_move(&input.source_arn, destination, rate)?;
            Ok(json!({"TaskHandle": handle}))
        }
        SqsOperation::CancelMessageMoveTask => {
            let input: CancelMessageMoveTaskInput = read(body)?;
            let moved = queues.cancel_move(&input.task_handle)?;
            Ok(json!({"ApproximateNumberOfMessagesMoved": moved}))
        }
        SqsOperation::ListMessageMoveTasks => {
            let input: ListMessageMoveTasksInput = read(body)?;
            Ok(json!({"Results": queues.moves(&input.source_arn, input.max_results)?}))
        }
        about_queues => answer_about_queues(queues, about_queues, body),
    }
}

/// Requests that touch no message.
fn answer_about_queues(
    queues: &Queues,
    operation: SqsOperation,
    body: &[u8],
) -> Result<Value, SqsError> {
    match operation {
        SqsOperation::CreateQueue => {
            let input: CreateQueueInput = read(body)?;
            let url = queues.create(&input.queue_name, input.attributes, input.tags)?;
            Ok(json!({"QueueUrl": url}))
        }
        SqsOperation::GetQueueUrl => {
            let input: GetQueueUrlInput = read(body)?;
            Ok(json!({"QueueUrl": queues.find(&input.queue_name)?.url()}))
        }
        SqsOperation::ListQueues => {
            let input: ListQueuesInput = read(body)?;
            let urls = queues.urls(input.queue_name_prefix.as_deref().unwrap_or_default());
            page("QueueUrls", urls, input.next_token.as_deref(), input.max_results)
        }
        // Of all SQS answers this one has a lower-case name.
        SqsOperation::ListDeadLetterSourceQueues => {
            let input: ListDeadLetterSourceQueuesInput = read(body)?;
            let urls = queues.sources(&input.queue_url)?;
            page("queueUrls", urls, input.next_token.as_deref(), input.max_results)
        }
        SqsOperation::GetQueueAttributes => {
            let input: GetQueueAttributesInput = read(body)?;
            let attributes = queues.attributes(&input.queue_url, &input.attribute_names)?;
            Ok(if attributes.is_empty() { json!({}) } else { json!({"Attributes": attributes}) })
        }
        SqsOperation::SetQueueAttributes => {
            let input: SetQueueAttributesInput = read(body)?;
            queues.set_attributes(&input.queue_url, input.attributes).map(|()| json!({}))
        }
        SqsOperation::TagQueue => {
            let input: TagQueueInput = read(body)?;
            queues.tag(&input.queue_url, input.tags).map(|()| json!({}))
        }
        SqsOperation::UntagQueue => {
            let input: UntagQueueInput = read(body)?;
            queues.untag(&input.queue_url, &input.tag_keys).map(|()| json!({}))
        }
        SqsOperation::ListQueueTags => {
            let tags = queues.tags(&read::<ListQueueTagsInput>(body)?.queue_url)?;
            Ok(if tags.is_empty() { json!({}) } else { json!({"Tags": tags}) })
        }
        SqsOperation::AddPermission => {
            let input: AddPermissionInput = read(body)?;
            let AddPermissionInput { queue_url, label, aws_account_ids, actions } = &input;
            queues.add_permission(queue_url, label, aws_account_ids, actions).map(|()| json!({}))
        }
        SqsOperation::RemovePermission => {
            let input: RemovePermissionInput = read(body)?;
            queues.remove_permission(&input.queue_url, &input.label).map(|()| json!({}))
        }
        other => Err(SqsError::unknown_operation(other.as_str())),
    }
}

/// A page of URLs. Without a size all of them are one page, and none has a token, as on AWS.
fn page(
    name: &str,
    urls: Vec<String>,
    token: Option<&str>,
    size: Option<i32>,
) -> Result<Value, SqsError> {
    let invalid = |message: &str| SqsError::invalid_parameter_value(message);
    let begin: usize = match token {
        None => 0,
        Some(token) => token.parse().map_err(|_| invalid("Invalid or expired next token."))?,
    };
    let most = match size {
        None => PAGE,
        Some(size) => usize::try_from(size)
            .ok()
            .filter(|size| (1..=PAGE).contains(size))
            .ok_or_else(|| invalid("MaxResults must be >= 1 and <= 1000."))?,
    };
    let end = urls.len().min(begin.saturating_add(most));
    let mut answer = json!({});
    if begin < end {
        answer[name] = json!(urls[begin..end]);
    }
    if size.is_some() && end < urls.len() {
        answer["NextToken"] = end.to_string().into();
    }
    Ok(answer)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, SqsError> {
    serde_json::from_slice(body).map_err(|error| match error.to_string() {
        message if message.contains("missing field") => SqsError::missing_parameter(message),
        message => SqsError::invalid_parameter_value(message),
    })
}

fn json_of(answer: &impl Serialize) -> Result<Value, SqsError> {
    serde_json::to_value(answer).map_err(|error| SqsError::internal_error(error.to_string()))
}
