//! SQS over HTTP (AWS's JSON protocol). What moves messages goes through [`Queues`], which keeps account of
//! them; everything else goes to rustack's own handler.

use bytes::Bytes;
use http::StatusCode;
use rustack_sqs_core::handler::RustackSqsHandler;
use rustack_sqs_http::dispatch::SqsHandler;
use rustack_sqs_model::error::{SqsError, SqsErrorCode};
use rustack_sqs_model::input::{
    ChangeMessageVisibilityBatchInput, ChangeMessageVisibilityInput, DeleteMessageBatchInput,
    DeleteMessageInput, ListDeadLetterSourceQueuesInput, ReceiveMessageInput,
    SendMessageBatchInput, SendMessageInput,
};
use rustack_sqs_model::operations::SqsOperation;
use rustack_sqs_model::types::{BatchResultErrorEntry, SendMessageBatchRequestEntry};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::sqs_limits;
use crate::http_server::{Reply, reply};
use crate::queues::Queues;

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
const BATCH_LIMIT: usize = 10;

pub(crate) async fn handle(queues: &Queues, operation: &str, body: Bytes) -> Reply {
    match answer(queues, operation, body).await {
        Ok(body) => reply(StatusCode::OK, CONTENT_TYPE, body),
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

/// An error's name in the JSON protocol. rustack only has those of the query protocol, of which two differ
/// by more than their prefix.
fn json_name(code: SqsErrorCode) -> &'static str {
    match code {
        SqsErrorCode::NonExistentQueue => "QueueDoesNotExist",
        SqsErrorCode::QueueAlreadyExists => "QueueNameExists",
        other => other.error_type().trim_start_matches("AWS.SimpleQueueService."),
    }
}

async fn answer(queues: &Queues, operation: &str, body: Bytes) -> Result<Bytes, SqsError> {
    let known =
        SqsOperation::from_name(operation).ok_or_else(|| SqsError::unknown_operation(operation))?;
    match known {
        SqsOperation::SendMessage => {
            let input: SendMessageInput = read(&body)?;
            sqs_limits::of_send(&input)?;
            json_bytes(&queues.send(input).await?)
        }
        SqsOperation::SendMessageBatch => json_bytes(&send_batch(queues, read(&body)?).await?),
        SqsOperation::ReceiveMessage => {
            let input: ReceiveMessageInput = read(&body)?;
            sqs_limits::of_receive(&input)?;
            let messages = queues.receive(input).await?;
            // An empty list is left out, as AWS does.
            json_bytes(&if messages.is_empty() {
                json!({})
            } else {
                json!({ "Messages": messages })
            })
        }
        SqsOperation::DeleteMessage => {
            let input: DeleteMessageInput = read(&body)?;
            queues.delete(&input.queue_url, input.receipt_handle).await?;
            Ok(Bytes::from_static(b"{}"))
        }
        SqsOperation::DeleteMessageBatch => json_bytes(&delete_batch(queues, read(&body)?).await?),
        SqsOperation::ChangeMessageVisibility => {
            let input: ChangeMessageVisibilityInput = read(&body)?;
            sqs_limits::of_visibility(input.visibility_timeout)?;
            queues.change_visibility(input).await?;
            Ok(Bytes::from_static(b"{}"))
        }
        SqsOperation::ChangeMessageVisibilityBatch => {
            json_bytes(&change_batch(queues, read(&body)?).await?)
        }
        // rustack writes `QueueUrls`; of all SQS answers this one has a lower-case name.
        SqsOperation::ListDeadLetterSourceQueues => {
            let input: ListDeadLetterSourceQueuesInput = read(&body)?;
            let output = queues.provider.list_dead_letter_source_queues(input).await?;
            json_bytes(&json!({ "queueUrls": output.queue_urls }))
        }
        other => {
            let url =
                read::<Value>(&body)?.get("QueueUrl").and_then(Value::as_str).map(str::to_owned);
            let answer = RustackSqsHandler::new(queues.provider.clone())
                .handle_operation(other, body)
                .await?;
            if let Some(url) = url {
                if matches!(other, SqsOperation::PurgeQueue | SqsOperation::DeleteQueue) {
                    queues.was_emptied(&url).await?;
                }
                queues.changed(&url);
            }
            http_body_util::BodyExt::collect(answer.into_body())
                .await
                .map(http_body_util::Collected::to_bytes)
                .map_err(|error| SqsError::internal_error(error.to_string()))
        }
    }
}

async fn send_batch(queues: &Queues, input: SendMessageBatchInput) -> Result<Value, SqsError> {
    let SendMessageBatchInput { queue_url, entries } = input;
    check_ids(entries.iter().map(|entry| entry.id.as_str()))?;
    let mut results = BatchResults::default();
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
        results.add(id, send_entry(queues, input).await)?;
    }
    Ok(results.into_json())
}

async fn send_entry(queues: &Queues, input: SendMessageInput) -> Result<Value, SqsError> {
    sqs_limits::of_send(&input)?;
    let output = queues.send(input).await?;
    serde_json::to_value(output).map_err(|error| SqsError::internal_error(error.to_string()))
}

async fn delete_batch(queues: &Queues, input: DeleteMessageBatchInput) -> Result<Value, SqsError> {
    check_ids(input.entries.iter().map(|entry| entry.id.as_str()))?;
    let mut results = BatchResults::default();
    for entry in input.entries {
        let result = queues.delete(&input.queue_url, entry.receipt_handle).await;
        results.add(entry.id, result.map(|()| json!({})))?;
    }
    Ok(results.into_json())
}

async fn change_batch(
    queues: &Queues,
    input: ChangeMessageVisibilityBatchInput,
) -> Result<Value, SqsError> {
    check_ids(input.entries.iter().map(|entry| entry.id.as_str()))?;
    let mut results = BatchResults::default();
    for entry in input.entries {
        let change = ChangeMessageVisibilityInput {
            queue_url: input.queue_url.clone(),
            receipt_handle: entry.receipt_handle,
            visibility_timeout: entry.visibility_timeout,
        };
        let changed = match sqs_limits::of_visibility(change.visibility_timeout) {
            Ok(()) => queues.change_visibility(change).await,
            Err(error) => Err(error),
        };
        results.add(entry.id, changed.map(|()| json!({})))?;
    }
    Ok(results.into_json())
}

/// What became of each entry of a batch.
#[derive(Default)]
struct BatchResults {
    successful: Vec<Value>,
    failed: Vec<BatchResultErrorEntry>,
}

impl BatchResults {
    /// A queue that does not exist fails the request, not each of its entries.
    fn add(&mut self, id: String, result: Result<Value, SqsError>) -> Result<(), SqsError> {
        match result {
            Ok(mut entry) => {
                entry["Id"] = id.into();
                self.successful.push(entry);
            }
            Err(error) if error.code == SqsErrorCode::NonExistentQueue => {
                return Err(error);
            }
            Err(error) => self.failed.push(BatchResultErrorEntry {
                id,
                sender_fault: error.code.is_sender_fault(),
                code: error.code.error_type().to_owned(),
                message: Some(error.message),
            }),
        }
        Ok(())
    }

    fn into_json(self) -> Value {
        json!({"Successful": self.successful, "Failed": self.failed})
    }
}

fn check_ids<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), SqsError> {
    let mut seen: Vec<&str> = Vec::with_capacity(BATCH_LIMIT);
    for id in ids {
        if seen.contains(&id) {
            return Err(SqsError::batch_entry_ids_not_distinct());
        }
        seen.push(id);
    }
    match seen.len() {
        0 => Err(SqsError::empty_batch_request()),
        1..=BATCH_LIMIT => Ok(()),
        _ => Err(SqsError::too_many_entries_in_batch()),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, SqsError> {
    serde_json::from_slice(body).map_err(|error| match error.to_string() {
        message if message.contains("missing field") => SqsError::missing_parameter(message),
        message => SqsError::invalid_parameter_value(message),
    })
}

fn json_bytes(answer: &impl Serialize) -> Result<Bytes, SqsError> {
    serde_json::to_vec(answer)
        .map(Bytes::from)
        .map_err(|error| SqsError::internal_error(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Journal;
    use crate::shutdown;

    async fn ask(queues: &Queues, operation: &str, body: Value) -> Value {
        let body =
            answer(queues, operation, Bytes::from(body.to_string())).await.expect("an answer");
        serde_json::from_slice(&body).expect("JSON")
    }

    #[tokio::test]
    async fn a_batch_reports_each_entry_and_a_missing_queue_fails_as_a_whole() {
        let (_stopper, stop) = shutdown::channel();
        let queues = Queues::new("000000000000", "us-east-1", 4566, stop, Journal::default());
        ask(&queues, "CreateQueue", json!({"QueueName": "q"})).await;
        let url = "http://127.0.0.1:4566/000000000000/q";
        let sent = ask(
            &queues,
            "SendMessageBatch",
            json!({"QueueUrl": url, "Entries": [
                {"Id": "a", "MessageBody": "one"},
                {"Id": "b", "MessageBody": "two", "MessageGroupId": "only on a FIFO queue"},
            ]}),
        )
        .await;
        assert_eq!(
            (&sent["Successful"][0]["Id"], &sent["Failed"][0]["Id"]),
            (&json!("a"), &json!("b"))
        );
        assert!(sent["Successful"][0]["MD5OfMessageBody"].is_string(), "{sent}");

        let got =
            ask(&queues, "ReceiveMessage", json!({"QueueUrl": url, "MaxNumberOfMessages": 10}))
                .await;
        assert_eq!(got["Messages"][0]["Body"], "one");
        let drained = queues.drain().await.expect("drained");
        assert_eq!(drained.len(), 1, "a message that is out is not lost");

        let missing = json!({"QueueUrl": "http://127.0.0.1:4566/000000000000/none", "Entries": [{"Id": "a", "MessageBody": "x"}]});
        let error = answer(&queues, "SendMessageBatch", Bytes::from(missing.to_string()))
            .await
            .expect_err("no queue");
        assert_eq!(error.code, SqsErrorCode::NonExistentQueue);
    }

    #[tokio::test]
    async fn a_waiting_receiver_is_woken_by_a_send() {
        let (_stopper, stop) = shutdown::channel();
        let queues = Queues::new("000000000000", "us-east-1", 4566, stop, Journal::default());
        ask(&queues, "CreateQueue", json!({"QueueName": "q"})).await;
        let url = "http://127.0.0.1:4566/000000000000/q";
        let waiting = tokio::spawn({
            let queues = queues.clone();
            async move {
                ask(&queues, "ReceiveMessage", json!({"QueueUrl": url, "WaitTimeSeconds": 20}))
                    .await
            }
        });
        ask(&queues, "SendMessage", json!({"QueueUrl": url, "MessageBody": "hello"})).await;
        assert_eq!(waiting.await.expect("an answer")["Messages"][0]["Body"], "hello");
    }
}
