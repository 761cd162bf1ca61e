//! A message's attributes: as they are shown, and as they count.

use aws_sdk_sqs::types::MessageAttributeValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// An attribute's value as a text; in base64 if it is binary.
pub(crate) fn shown(value: &MessageAttributeValue) -> String {
    match (value.string_value(), value.binary_value()) {
        (Some(text), _) => text.to_owned(),
        (None, Some(bytes)) => BASE64.encode(bytes),
        (None, None) => String::new(),
    }
}

/// A text attribute.
pub(crate) fn text(value: &str) -> Option<MessageAttributeValue> {
    // Nothing is missing that the builder asks for; the signature leaves the case to the caller.
    MessageAttributeValue::builder().data_type("String").string_value(value).build().ok()
}

/// The bytes that an attribute adds to its message: name, type and value
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>).
pub(crate) fn size(name: &str, value: &MessageAttributeValue) -> usize {
    let text = value.string_value().map_or(0, str::len);
    let bytes = value.binary_value().map_or(0, |bytes| bytes.as_ref().len());
    name.len() + value.data_type().len() + text + bytes
}
