//! The dead-letter queue: where a message goes that no retry will mend, with its error and history.

use crate::ledger::PastFailure;
use crate::message::Message;
use crate::queue::{ENTRIES, LATE, Queue};
use crate::time_left::within;
use aws_lambda_events::sqs::SqsMessageAttribute;
use aws_sdk_sqs::error::{BoxError, BuildError};
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use fanfare_bootstrap::ErrorChain;
use std::collections::{BTreeMap, HashMap, HashSet};
use tokio::time::Instant;

/// Bytes in one SendMessageBatch at the most: 1 MiB, attributes included
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>).
const BYTES: usize = 1024 * 1024;
/// What is added to a dead letter at the most: four long texts of up to four bytes a character, and some short ones.
const ADDED: usize = 4 * 4 * ATTRIBUTE_LENGTH + 2_000;
/// Attributes of one message at the most
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>).
const ATTRIBUTES: usize = 10;
/// The longest text that is put into one attribute, in characters.
const ATTRIBUTE_LENGTH: usize = 4_000;

/// The attribute of a dead letter that names the claim on its effect: a message that bears it was put back after a
/// look, and may act.
pub(crate) const CLAIM: &str = "fanfare.claim";

/// A message for the dead-letter queue, with what is known of its failure.
#[derive(Debug)]
pub(crate) struct DeadLetter<'a> {
    pub(crate) message: &'a Message,
    /// The failure and its causes.
    pub(crate) error: String,
    /// Every failed attempt.
    pub(crate) history: &'a [PastFailure],
    pub(crate) traceparent: Option<String>,
    /// The claim under which the effect's outcome is unknown.
    pub(crate) claim: Option<String>,
}

impl Queue {
    /// Sends messages to the dead-letter queue, and gives the ids of those that it said until then that it took:
    /// only these may be deleted from their own.
    pub(crate) async fn send_dead_letters(
        &self,
        letters: &[DeadLetter<'_>],
        until: Instant,
    ) -> HashSet<String> {
        let mut taken = HashSet::new();
        let Some(url) = &self.dead_letter_queue_url else { return taken };
        for chunk in chunks(letters) {
            let sent = within(until, self.send_chunk(url, chunk)).await;
            match sent.unwrap_or_else(|| Err(LATE.into())) {
                Ok(ids) => taken.extend(ids),
                Err(error) => {
                    tracing::error!(error = %ErrorChain(&*error), "dead letters were not sent");
                }
            }
        }
        taken
    }

    async fn send_chunk(
        &self,
        url: &str,
        chunk: &[DeadLetter<'_>],
    ) -> Result<Vec<String>, BoxError> {
        let entries = chunk.iter().enumerate().map(|(n, letter)| self.entry(n, letter));
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let request = self.client.send_message_batch().queue_url(url).set_entries(Some(entries));
        let answer = request.send().await?;
        for entry in &answer.failed {
            tracing::error!(
                code = entry.code,
                message = entry.message,
                "a dead letter was not sent"
            );
        }
        let message = |id: &str| Some(chunk.get(id.parse::<usize>().ok()?)?.message.id.clone());
        Ok(answer.successful.iter().filter_map(|entry| message(&entry.id)).collect())
    }

    /// A dead letter as it is sent: the body as it was, and beside it, as far as there is room, what the dead letter
    /// must tell, the attributes as they were, and what the ledger tells too.
    fn entry(
        &self,
        n: usize,
        letter: &DeadLetter<'_>,
    ) -> Result<SendMessageBatchRequestEntry, BuildError> {
        let message = letter.message;
        let history = shortened(letter.history);
        let told = [
            (CLAIM, letter.claim.clone()),
            ("fanfare.consumer", Some(self.consumer.to_owned())),
            ("fanfare.error", Some(letter.error.clone())),
        ];
        let known = [
            ("fanfare.messageId", Some(message.id.clone())),
            ("fanfare.attempts", Some(message.receive_count.to_string())),
            ("fanfare.history", Some(history).filter(|_| !letter.history.is_empty())),
            ("fanfare.traceparent", letter.traceparent.clone()),
        ];
        // One that was put back and failed again tells of its last failure.
        let original: BTreeMap<_, _> =
            message.attributes.iter().filter(|(name, _)| !name.starts_with("fanfare.")).collect();
        let original = original.into_iter().map(|(name, value)| Ok((name.clone(), copy(value)?)));
        let attributes = texts(told).chain(original).chain(texts(known)).take(ATTRIBUTES);
        let attributes = attributes.collect::<Result<HashMap<_, _>, BuildError>>()?;
        SendMessageBatchRequestEntry::builder()
            .id(n.to_string())
            .message_body(&message.body)
            .set_message_attributes(Some(attributes))
            .set_message_group_id(message.group.clone())
            .set_message_deduplication_id(self.is_fifo().then(|| message.id.clone()))
            .build()
    }
}

type NamedAttribute = Result<(String, MessageAttributeValue), BuildError>;

/// Attributes that are texts, those left out that have none.
fn texts<const N: usize>(
    texts: [(&'static str, Option<String>); N],
) -> impl Iterator<Item = NamedAttribute> {
    texts.into_iter().filter_map(|(name, value)| {
        let value = value.map(clean).filter(|value| !value.is_empty())?;
        let value = MessageAttributeValue::builder().data_type("String").string_value(value);
        Some(value.build().map(|value| (name.to_owned(), value)))
    })
}

/// An attribute as it came.
fn copy(value: &SqsMessageAttribute) -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder()
        .data_type(value.data_type.as_deref().unwrap_or("String"))
        .set_string_value(value.string_value.clone())
        .set_binary_value(value.binary_value.as_ref().map(|v| Blob::new(v.0.clone())))
        .build()
}

/// The history as JSON, without its oldest entries if it is too long for an attribute.
fn shortened(history: &[PastFailure]) -> String {
    let json = |from: usize| serde_json::to_string(history.get(from..).unwrap_or_default());
    let mut texts = (0..history.len()).filter_map(|from| json(from).ok());
    texts.find(|text| text.chars().count() <= ATTRIBUTE_LENGTH).unwrap_or_default()
}

/// Runs of dead letters that fit into one request each.
fn chunks<'a, 'b>(letters: &'a [DeadLetter<'b>]) -> Vec<&'a [DeadLetter<'b>]> {
    let mut chunks = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (n, letter) in letters.iter().enumerate() {
        let size = size(letter);
        if n > start && (n - start == ENTRIES || bytes + size > BYTES) {
            chunks.extend(letters.get(start..n));
            (start, bytes) = (n, 0);
        }
        bytes += size;
    }
    chunks.extend(letters.get(start..).filter(|rest| !rest.is_empty()));
    chunks
}

/// The bytes of a dead letter, or more.
fn size(letter: &DeadLetter<'_>) -> usize {
    let attributes = letter.message.attributes.iter().map(|(name, value)| {
        let text = value.string_value.as_ref().map_or(0, String::len);
        name.len() + text + value.binary_value.as_ref().map_or(0, |v| v.0.len()) + 64
    });
    letter.message.body.len() + attributes.sum::<usize>() + ADDED
}

/// A text that SQS takes as an attribute: not too long, and without characters that XML has none for.
fn clean(text: String) -> String {
    let allowed = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(allowed).take(ATTRIBUTE_LENGTH).collect()
}
