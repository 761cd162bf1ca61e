//! A dead letter on its way back to its queue.

use crate::DeadLetter;
use crate::attributes::{size, text};
use crate::batches::ENTRIES;
use crate::dead_letter::OURS;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Bytes in one request, to be on the safe side of 256 KiB, which was AWS's limit until 2025 and is some
/// emulators' still; AWS takes 1 MiB now. A bigger dead letter goes by itself.
const BYTES: usize = 250 * 1024;
/// Attributes of one message at the most
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>).
const ATTRIBUTES: usize = 10;
/// The attribute that names the original of an edited dead letter, in the audit table.
const ORIGINAL: &str = "fanfare.original";

/// The attribute that names the claim of a parked effect: only a message that has it may do the effect again.
const CLAIM: &str = "fanfare.claim";

/// Whether an attribute goes along: those of the sender, and the claim.
fn is_kept(name: &str) -> bool {
    !name.starts_with(OURS) || name == CLAIM
}

/// What is sent for a dead letter.
pub(crate) struct Outgoing<'a> {
    pub(crate) letter: &'a DeadLetter,
    pub(crate) url: &'a str,
    /// The body instead of the dead letter's.
    pub(crate) edited: Option<String>,
    attributes: HashMap<String, MessageAttributeValue>,
}

impl<'a> Outgoing<'a> {
    /// The dead letter as it was before it failed, with another body if it was edited: without what the runtime
    /// told of its failure, but with the claim by which a parked effect may be done after a look. `audit_id` is where an edited dead letter's original is kept.
    pub(crate) fn new(
        letter: &'a DeadLetter,
        url: &'a str,
        edited: Option<String>,
        audit_id: &str,
    ) -> Self {
        let theirs = letter.attributes.iter().filter(|(name, _)| is_kept(name));
        let mut attributes: HashMap<_, _> =
            theirs.map(|(name, value)| (name.clone(), value.clone())).collect();
        let original = edited.as_ref().and_then(|_| text(audit_id));
        if let Some(original) = original.filter(|_| attributes.len() < ATTRIBUTES) {
            attributes.insert(ORIGINAL.to_owned(), original);
        }
        Self { letter, url, edited, attributes }
    }

    fn body(&self) -> &str {
        self.edited.as_deref().unwrap_or(&self.letter.body)
    }

    fn size(&self) -> usize {
        let attributes = self.attributes.iter().map(|(name, value)| size(name, value));
        self.body().len() + attributes.sum::<usize>()
    }

    pub(crate) fn entry(
        &self,
        n: usize,
        url: &str,
    ) -> Result<SendMessageBatchRequestEntry, BuildError> {
        let entry = SendMessageBatchRequestEntry::builder()
            .id(n.to_string())
            .message_body(self.body())
            .set_message_attributes(Some(self.attributes.clone()).filter(|a| !a.is_empty()));
        if !url.ends_with(".fifo") {
            return entry.build();
        }
        let group = self.letter.fifo_group.as_deref().unwrap_or("redriven");
        entry.message_group_id(group).message_deduplication_id(self.deduplication_id()).build()
    }

    /// The same for a dead letter that is sent once more because its deletion was not reached.
    fn deduplication_id(&self) -> String {
        match &self.edited {
            None => self.letter.message_id.clone(),
            Some(body) => Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// Parts messages into what fits into one request each, and goes to one queue.
pub(crate) fn chunks<'a, 'b>(
    messages: &'a [Outgoing<'b>],
    most: usize,
) -> Vec<Vec<&'a Outgoing<'b>>> {
    let mut chunks: Vec<(usize, Vec<&Outgoing<'_>>)> = Vec::new();
    for message in messages {
        let size = message.size();
        match chunks.last_mut() {
            Some((bytes, chunk))
                if *bytes + size <= BYTES
                    && chunk.len() < most.min(ENTRIES)
                    && chunk.first().is_some_and(|first| first.url == message.url) =>
            {
                *bytes += size;
                chunk.push(message);
            }
            _ => chunks.push((size, vec![message])),
        }
    }
    chunks.into_iter().map(|(_, chunk)| chunk).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sqs::types::Message;
    use proptest::prelude::*;

    fn letter(bytes: usize, attributes: &[&str]) -> DeadLetter {
        let mut message = Message::builder().message_id("m").body("x".repeat(bytes));
        for name in attributes {
            message = message.message_attributes(*name, text("value").expect("an attribute"));
        }
        DeadLetter::new(message.build())
    }

    #[test]
    fn a_letter_goes_back_without_what_was_told_of_its_failure() {
        let letter = letter(1, &["eventType", "fanfare.error", "fanfare.history"]);
        let outgoing = Outgoing::new(&letter, "queue", None, "audit");
        assert_eq!(outgoing.attributes.keys().collect::<Vec<_>>(), ["eventType"]);
    }

    #[test]
    fn an_edited_letter_names_its_original() {
        let letter = letter(1, &["eventType"]);
        let outgoing = Outgoing::new(&letter, "queue", Some("new".to_owned()), "audit");
        assert_eq!(outgoing.attributes[ORIGINAL].string_value(), Some("audit"));
        assert_eq!(outgoing.body(), "new");
    }

    #[test]
    fn a_parked_effect_is_sent_back_with_its_claim() {
        let letter = letter(1, &["eventType", "fanfare.claim", "fanfare.error"]);
        let outgoing = Outgoing::new(&letter, "queue", None, "audit");
        let mut names: Vec<_> = outgoing.attributes.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["eventType", "fanfare.claim"]);
    }

    proptest! {
        #[test]
        fn chunks_hold_every_letter_once_in_order_and_fit_a_request(
            sizes in prop::collection::vec((1_usize..200_000, any::<bool>()), 0..30), most in 1_usize..12
        ) {
            let letters: Vec<_> = sizes.iter().map(|(bytes, _)| letter(*bytes, &[])).collect();
            let url = |other: bool| if other { "other" } else { "one" };
            let outgoing: Vec<_> = letters
                .iter()
                .zip(&sizes)
                .map(|(letter, (_, other))| Outgoing::new(letter, url(*other), None, ""))
                .collect();
            let chunks = chunks(&outgoing, most);
            let lengths: Vec<_> = chunks.iter().flatten().map(|o| o.letter.body.len()).collect();
            prop_assert_eq!(lengths, sizes.iter().map(|(bytes, _)| *bytes).collect::<Vec<_>>());
            for chunk in chunks {
                prop_assert!((1..=most.min(10)).contains(&chunk.len()));
                prop_assert!(chunk.iter().all(|o| o.url == chunk[0].url));
                let bytes: usize = chunk.iter().map(|o| o.size()).sum();
                prop_assert!(bytes <= BYTES || chunk.len() == 1);
            }
        }
    }
}
