//! What AWS wants of a message before it takes it.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>

use std::collections::HashMap;

use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::SendMessageInput;
use rustack_sqs_model::types::MessageAttributeValue;
use sha2::{Digest, Sha256};

use super::message::Content;
use super::settings::Settings;

/// Message attributes of one message.
const ATTRIBUTES: usize = 10;
/// Characters of a group's or deduplication's id.
const ID_LENGTH: usize = 128;

impl Content {
    /// What a sender said, if the queue takes it.
    pub(super) fn read(input: SendMessageInput, settings: &Settings) -> Result<Self, SqsError> {
        check_body(&input.message_body)?;
        check_attributes(&input.message_attributes)?;
        let size = size(&input.message_body, &input.message_attributes);
        let most = settings.number("MaximumMessageSize");
        if u64::try_from(size).unwrap_or(u64::MAX) > most {
            return Err(SqsError::invalid_parameter_value(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
            )));
        }
        check_id("MessageGroupId", input.message_group_id.as_deref())?;
        check_id("MessageDeduplicationId", input.message_deduplication_id.as_deref())?;
        if let Some(delay) = input.delay_seconds {
            check_delay(delay, settings.is_fifo)?;
        }
        let deduplication = deduplication(&input, settings)?;
        let mut system = input.message_system_attributes;
        Ok(Self {
            body: input.message_body,
            group: input.message_group_id.map(Into::into),
            deduplication,
            attributes: input.message_attributes,
            trace_header: system.remove("AWSTraceHeader").and_then(|header| header.string_value),
        })
    }
}

fn deduplication(
    input: &SendMessageInput,
    settings: &Settings,
) -> Result<Option<String>, SqsError> {
    if !settings.is_fifo {
        return match &input.message_deduplication_id {
            Some(id) => Err(not_for_this_type("MessageDeduplicationId", id)),
            None => Ok(None),
        };
    }
    if input.message_group_id.is_none() {
        let message = "The request must contain the parameter MessageGroupId.";
        return Err(SqsError::missing_parameter(message));
    }
    match &input.message_deduplication_id {
        Some(id) => Ok(Some(id.clone())),
        None if settings.deduplicates_by_content() => {
            Ok(Some(format!("{:x}", Sha256::digest(input.message_body.as_bytes()))))
        }
        None => Err(SqsError::invalid_parameter_value(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
             explicitly",
        )),
    }
}

/// The bytes that count against the limits of a message and of a batch.
pub(crate) fn size(body: &str, attributes: &HashMap<String, MessageAttributeValue>) -> usize {
    let attributes = attributes.iter().map(|(name, value)| {
        let text = value.string_value.as_deref().map_or(0, str::len);
        let bytes = value.binary_value.as_deref().map_or(0, <[u8]>::len);
        name.len() + value.data_type.len() + text + bytes
    });
    body.len() + attributes.sum::<usize>()
}

fn check_body(body: &str) -> Result<(), SqsError> {
    if body.is_empty() {
        let message = "The request must contain the parameter MessageBody.";
        return Err(SqsError::missing_parameter(message));
    }
    check_characters("message body", body)
}

fn check_characters(what: &str, text: &str) -> Result<(), SqsError> {
    let is_allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    match text.chars().find(|c| !is_allowed(*c)) {
        None => Ok(()),
        Some(c) => Err(SqsError::invalid_parameter_value(format!(
            "Invalid characters found in the {what}: #x{:X}. Valid unicode characters are #x9 | #xA | #xD | #x20 to \
             #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
            u32::from(c)
        ))),
    }
}

fn check_attributes(attributes: &HashMap<String, MessageAttributeValue>) -> Result<(), SqsError> {
    let invalid = |message: String| Err(SqsError::invalid_parameter_value(message));
    if attributes.len() > ATTRIBUTES {
        let number = attributes.len();
        return invalid(format!(
            "Number of message attributes [{number}] exceeds the allowed maximum [{ATTRIBUTES}]."
        ));
    }
    for (name, value) in attributes {
        let is_name =
            name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
                && !(name.starts_with('.') || name.ends_with('.') || name.contains(".."))
                && (1..=256).contains(&name.len());
        let prefix = name.to_lowercase();
        if !is_name || prefix.starts_with("aws.") || prefix.starts_with("amazon.") {
            return invalid(format!("The message attribute name '{name}' is invalid."));
        }
        let kind = value.data_type.split('.').next().unwrap_or_default();
        let text = value.string_value.as_deref().filter(|text| !text.is_empty());
        let is_filled = match kind {
            "String" | "Number" => text.is_some(),
            "Binary" => value.binary_value.as_deref().is_some_and(|bytes| !bytes.is_empty()),
            _ => {
                return invalid(format!(
                    "The type of message (user) attribute '{name}' is invalid. You must use only the following supported \
                     type prefixes: Binary, Number, String."
                ));
            }
        };
        if !is_filled {
            return invalid(format!(
                "The message (user) attribute '{name}' must contain a non-empty message attribute value for message \
                 attribute type '{kind}'."
            ));
        }
        if let Some(text) = text {
            check_characters(&format!("value of message attribute '{name}'"), text)?;
            if kind == "Number" && text.parse::<f64>().is_err() {
                return invalid(format!(
                    "Can't cast the value of message (user) attribute '{name}' to a number."
                ));
            }
        }
    }
    Ok(())
}

/// A group or deduplication id: letters, digits and punctuation of ASCII.
fn check_id(name: &str, id: Option<&str>) -> Result<(), SqsError> {
    let is_valid =
        |id: &str| (1..=ID_LENGTH).contains(&id.len()) && id.chars().all(|c| c.is_ascii_graphic());
    match id {
        Some(id) if !is_valid(id) => Err(SqsError::invalid_parameter_value(format!(
            "Value {id} for parameter {name} is invalid. Reason: {name} can only include alphanumeric and punctuation \
             characters. 1 to {ID_LENGTH} in length."
        ))),
        _ => Ok(()),
    }
}

fn check_delay(seconds: i32, is_fifo: bool) -> Result<(), SqsError> {
    match seconds {
        // AWS takes 0 on a FIFO queue, which says nothing.
        1.. if is_fifo => Err(not_for_this_type("DelaySeconds", &seconds.to_string())),
        0..=900 => Ok(()),
        _ => Err(SqsError::invalid_parameter_value(format!(
            "Value {seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
        ))),
    }
}

fn not_for_this_type(parameter: &str, value: &str) -> SqsError {
    SqsError::invalid_parameter_value(format!(
        "Value {value} for parameter {parameter} is invalid. Reason: The request include parameter that is not valid for \
         this queue type."
    ))
}
