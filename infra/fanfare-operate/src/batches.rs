//! SQS's batch calls, with the result of every entry.

use crate::outgoing::Outgoing;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BoxError;
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
};
use fanfare_bootstrap::ErrorChain;
use futures_util::stream::{self, StreamExt};
use std::collections::HashMap;
use std::time::Duration;

/// Entries in one batch request at the most
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>).
pub(crate) const ENTRIES: usize = 10;
/// Batch requests under way at once.
pub(crate) const PARALLEL: usize = 4;
/// How often a deletion is tried, and the pause in between.
const DELETIONS: usize = 3;
const PAUSE: Duration = Duration::from_millis(200);

/// What proves that a message was received.
#[derive(Debug, Clone)]
pub(crate) struct Receipt {
    pub(crate) message_id: String,
    pub(crate) handle: String,
}

/// Sends messages that fit into one request. Gives for each why it was not taken, if it was not.
///
/// # Errors
/// When the request as a whole failed. Some messages may have been sent all the same.
pub(crate) async fn send(
    client: &Client,
    url: &str,
    messages: &[&Outgoing<'_>],
) -> Result<Vec<Option<String>>, BoxError> {
    let entries = messages.iter().enumerate().map(|(n, message)| message.entry(n, url));
    let entries = entries.collect::<Result<Vec<_>, _>>()?;
    let answer =
        client.send_message_batch().queue_url(url).set_entries(Some(entries)).send().await?;
    let refusals = reasons(&answer.failed);
    let taken: Vec<&str> = answer.successful.iter().map(|entry| entry.id.as_str()).collect();
    let result = |n: usize| {
        let id = n.to_string();
        match refusals.get(&id) {
            Some(reason) => Some(reason.clone()),
            None if taken.contains(&id.as_str()) => None,
            None => Some("SQS does not say what became of it".to_owned()),
        }
    };
    Ok((0..messages.len()).map(result).collect())
}

/// Deletes messages, trying again what fails. Gives why, for those that are still there.
pub(crate) async fn delete(
    client: &Client,
    url: &str,
    receipts: Vec<Receipt>,
) -> HashMap<String, String> {
    let mut left = receipts;
    let mut refusals = HashMap::new();
    for round in 0..DELETIONS {
        if left.is_empty() {
            break;
        }
        if round > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        refusals.clear();
        for chunk in left.chunks(ENTRIES) {
            refusals.extend(delete_chunk(client, url, chunk).await);
        }
        left.retain(|receipt| refusals.contains_key(&receipt.message_id));
    }
    refusals
}

async fn delete_chunk(client: &Client, url: &str, chunk: &[Receipt]) -> HashMap<String, String> {
    let all =
        |reason: &str| chunk.iter().map(|r| (r.message_id.clone(), reason.to_owned())).collect();
    let entry = |(n, receipt): (usize, &Receipt)| {
        DeleteMessageBatchRequestEntry::builder()
            .id(n.to_string())
            .receipt_handle(&receipt.handle)
            .build()
    };
    let entries = match chunk.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>() {
        Ok(entries) => entries,
        Err(error) => return all(&ErrorChain(&error).to_string()),
    };
    match client.delete_message_batch().queue_url(url).set_entries(Some(entries)).send().await {
        Ok(answer) => {
            let refusals = reasons(&answer.failed).into_iter();
            let of_message = |(id, reason): (String, String)| {
                Some((chunk.get(id.parse::<usize>().ok()?)?.message_id.clone(), reason))
            };
            refusals.filter_map(of_message).collect()
        }
        Err(error) => all(&ErrorChain(&error).to_string()),
    }
}

/// Makes messages visible again. Gives how many of them stay hidden until their time is over.
pub(crate) async fn release(client: &Client, url: &str, receipts: &[Receipt]) -> usize {
    // Owned, since a future that borrows its piece of a slice can't be sent to another thread.
    let chunks: Vec<Vec<Receipt>> = receipts.chunks(ENTRIES).map(<[_]>::to_vec).collect();
    let released = stream::iter(chunks)
        .map(|chunk| async move {
            let entry = |(n, receipt): (usize, &Receipt)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(n.to_string())
                    .receipt_handle(&receipt.handle)
                    .visibility_timeout(0)
                    .build()
            };
            let entries = chunk.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>();
            let Ok(entries) = entries else { return chunk.len() };
            let change = client.change_message_visibility_batch().queue_url(url);
            match change.set_entries(Some(entries)).send().await {
                Ok(answer) => answer.failed.len(),
                Err(_) => chunk.len(),
            }
        })
        .buffer_unordered(PARALLEL);
    released.fold(0, |sum, hidden| async move { sum + hidden }).await
}

fn reasons(failed: &[BatchResultErrorEntry]) -> HashMap<String, String> {
    let reason = |entry: &BatchResultErrorEntry| match entry.message() {
        Some(message) => format!("{}: {message}", entry.code),
        None => entry.code.clone(),
    };
    failed.iter().map(|entry| (entry.id.clone(), reason(entry))).collect()
}
