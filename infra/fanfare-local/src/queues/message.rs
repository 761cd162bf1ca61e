//! One message of a queue: what its sender said, and what has happened to it since.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest, Md5};
use rustack_sqs_model::types::{Message, MessageAttributeValue};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// What a sender said. It is what the journal keeps.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(super) body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deduplication: Option<String>,
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    pub(super) attributes: HashMap<String, MessageAttributeValue>,
    /// The one system attribute that a sender may set: AWS X-Ray's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trace_header: Option<String>,
}

impl Content {
    /// The digest of the one system attribute that may be there.
    pub(super) fn md5_of_system_attributes(&self) -> Option<String> {
        let value = MessageAttributeValue {
            data_type: "String".to_owned(),
            string_value: Some(self.trace_header.clone()?),
            binary_value: None,
        };
        md5_of_attributes(&HashMap::from([("AWSTraceHeader".to_owned(), value)]))
    }
}

/// Where a message is, seen from a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visibility {
    Visible,
    /// It was sent with a delay that is not over.
    Delayed(Instant),
    /// A receiver has it, until then.
    InFlight(Instant),
}

/// A message in its queue.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) content: Content,
    pub(super) visibility: Visibility,
    /// In milliseconds since 1970.
    pub(super) sent: u64,
    /// When the queue forgets it.
    pub(super) expires: Instant,
    pub(super) receives: u32,
    /// In milliseconds since 1970.
    pub(super) first_received: Option<u64>,
    /// The queue of which it is a dead letter.
    pub(super) source_arn: Option<Arc<str>>,
}

/// What a receiver asks to be told beside the body.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) system_attributes: Vec<String>,
    pub(super) attributes: Vec<String>,
}

impl Stored {
    /// The handle of its newest receipt. An older one differs by the count.
    pub(super) fn handle(&self) -> String {
        BASE64.encode(format!("{}:{}", self.id, self.receives))
    }

    /// The message as a receiver gets it; `sequence` is the number that a FIFO queue gave it.
    pub(super) fn receipt(&self, sequence: Option<String>, wanted: &Wanted) -> Message {
        let attributes = self.content.attributes.iter();
        let message_attributes: HashMap<_, _> = attributes
            .filter(|(name, _)| wanted.attributes.iter().any(|pattern| names(pattern, name)))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Message {
            message_id: Some(self.id.clone()),
            receipt_handle: Some(self.handle()),
            md5_of_body: Some(md5_of(self.content.body.as_bytes())),
            md5_of_message_attributes: md5_of_attributes(&message_attributes),
            body: Some(self.content.body.clone()),
            message_attributes,
            attributes: self.system_attributes(sequence, wanted),
        }
    }

    fn system_attributes(
        &self,
        sequence: Option<String>,
        wanted: &Wanted,
    ) -> HashMap<String, String> {
        let content = &self.content;
        let all = [
            // The runner knows its callers by no name; AWS shows an account, a user or a role.
            ("SenderId", Some("AIDAFANFARE".to_owned())),
            ("SentTimestamp", Some(self.sent.to_string())),
            ("ApproximateReceiveCount", Some(self.receives.to_string())),
            ("ApproximateFirstReceiveTimestamp", self.first_received.map(|at| at.to_string())),
            ("SequenceNumber", sequence),
            ("MessageGroupId", content.group.as_deref().map(str::to_owned)),
            ("MessageDeduplicationId", content.deduplication.clone()),
            ("AWSTraceHeader", content.trace_header.clone()),
            ("DeadLetterQueueSourceArn", self.source_arn.as_deref().map(str::to_owned)),
        ];
        let is_wanted =
            |name: &str| wanted.system_attributes.iter().any(|w| w == "All" || w == name);
        let shown = all.into_iter().filter(|(name, _)| is_wanted(name));
        shown.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// The message's id and the count of the receipt, from a handle; `None` when no queue gave it out.
pub(super) fn read_handle(handle: &str) -> Option<(String, u32)> {
    let text = String::from_utf8(BASE64.decode(handle).ok()?).ok()?;
    let (id, receives) = text.split_once(':')?;
    Some((id.to_owned(), receives.parse().ok()?))
}

/// Whether a receiver's name stands for an attribute: `All`, `.*`, `prefix.*` or the name itself.
fn names(pattern: &str, name: &str) -> bool {
    match pattern {
        "All" | ".*" => true,
        _ => pattern.strip_suffix(".*").map_or(pattern == name, |prefix| name.starts_with(prefix)),
    }
}

/// In hexadecimal digits.
pub(super) fn md5_of(bytes: &[u8]) -> String {
    hexadecimal(&Md5::digest(bytes))
}

/// SQS's digest of message attributes, which SDKs compare; `None` without any.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>
pub(super) fn md5_of_attributes(
    attributes: &HashMap<String, MessageAttributeValue>,
) -> Option<String> {
    let mut names: Vec<_> = attributes.keys().collect();
    names.sort_unstable();
    let mut digest = Md5::new();
    for name in &names {
        let value = &attributes[*name];
        add_part(&mut digest, name.as_bytes());
        add_part(&mut digest, value.data_type.as_bytes());
        // The one byte that says which kind of value follows has no length before it.
        let (kind, bytes) = match (&value.string_value, &value.binary_value) {
            (Some(text), _) => (1_u8, text.as_bytes()),
            (None, bytes) => (2, bytes.as_deref().unwrap_or_default()),
        };
        digest.update([kind]);
        add_part(&mut digest, bytes);
    }
    (!names.is_empty()).then(|| hexadecimal(&digest.finalize()))
}

/// Bytes with their length before them.
fn add_part(digest: &mut Md5, bytes: &[u8]) {
    // No attribute is longer than a message.
    digest.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    digest.update(bytes);
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a String does not fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_made_as_sqs_documents_them() {
        assert_eq!(md5_of(b"hello"), "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(md5_of_attributes(&HashMap::new()), None);
        let value = MessageAttributeValue {
            data_type: "String".to_owned(),
            string_value: Some("v".to_owned()),
            binary_value: None,
        };
        let attributes = HashMap::from([("a".to_owned(), value)]);
        let by_hand = md5_of(b"\0\0\0\x01a\0\0\0\x06String\x01\0\0\0\x01v");
        assert_eq!(md5_of_attributes(&attributes), Some(by_hand));
    }

    #[test]
    fn an_attribute_is_asked_for_by_name_prefix_or_all() {
        let cases = [
            ("All", true),
            (".*", true),
            ("a.*", true),
            ("a.b", true),
            ("b.*", false),
            ("a", false),
        ];
        for (pattern, expected) in cases {
            assert_eq!(names(pattern, "a.b"), expected, "{pattern}");
        }
    }

    #[test]
    fn a_handle_that_nobody_gave_out_is_none() {
        for handle in ["", "garbage", "ä", "aWQ=", "aWQ6eA=="] {
            assert_eq!(read_handle(handle), None, "{handle}");
        }
    }
}
