//! A published message: what it carries, what filters see of it, and how it looks to a subscriber.

use std::collections::{BTreeMap, HashMap};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustack_sqs_model::types::MessageAttributeValue;
use serde_json::{Map, Value, json};

use super::error::SnsError;
use super::form::Form;

/// SNS's limit of a message with its attributes, in bytes.
/// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
const SIZE_LIMIT: usize = 256 * 1024;

/// Message attributes that SQS takes of a raw message; with more, SNS drops the delivery.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html>
pub(super) const RAW_ATTRIBUTE_LIMIT: usize = 10;

/// The attribute by which subscriptions tell events apart.
const EVENT_TYPE: &str = "eventType";

/// The types of the events that a publishing request is of, as far as its messages say.
pub(crate) fn event_types(form: &Form) -> impl Iterator<Item = &str> {
    let entries = form.list("PublishBatchRequestEntries", "member");
    let messages = if entries.is_empty() { vec![form] } else { entries };
    messages.into_iter().filter_map(|message| {
        let attributes = message.list("MessageAttributes", "entry");
        let is_type = |attribute: &&&Form| attribute.get("Name") == Some(EVENT_TYPE);
        attributes.iter().find(is_type)?.child("Value")?.get("StringValue")
    })
}

#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) body: String,
    pub(super) subject: Option<String>,
    pub(super) attributes: BTreeMap<String, Attribute>,
    pub(super) group: Option<String>,
    pub(super) deduplication: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Attribute {
    data_type: String,
    value: AttributeData,
}

#[derive(Debug, Clone)]
enum AttributeData {
    Text(String),
    Binary(Vec<u8>),
}

impl Message {
    /// The message of a `Publish` request or of one entry of a `PublishBatch`.
    pub(super) fn from_form(form: &Form) -> Result<Self, SnsError> {
        let body = form.required("Message")?;
        let body = match form.get("MessageStructure") {
            Some("json") => for_queues(body)?,
            _ => body.to_owned(),
        };
        if body.is_empty() {
            return Err(SnsError::invalid("Invalid parameter: Empty message"));
        }
        let attributes: BTreeMap<String, Attribute> = form
            .list("MessageAttributes", "entry")
            .into_iter()
            .map(|entry| Ok((entry.required("Name")?.to_owned(), Attribute::from_form(entry)?)))
            .collect::<Result<_, SnsError>>()?;
        let size = body.len()
            + attributes.iter().map(|(name, value)| name.len() + value.size()).sum::<usize>();
        if size > SIZE_LIMIT {
            return Err(SnsError::invalid("Invalid parameter: Message too long"));
        }
        let text = |name| form.get(name).map(str::to_owned);
        Ok(Self {
            body,
            subject: text("Subject"),
            attributes,
            group: text("MessageGroupId"),
            deduplication: text("MessageDeduplicationId"),
        })
    }

    /// What a filter policy on message attributes is matched with.
    pub(super) fn filterable(&self) -> Value {
        let visible = self.attributes.iter().filter_map(|(name, attribute)| {
            let AttributeData::Text(text) = &attribute.value else { return None };
            let value = match attribute.data_type.split('.').next() {
                Some("Number") => serde_json::from_str(text).ok()?,
                Some("String") if attribute.data_type == "String.Array" => {
                    serde_json::from_str(text).ok()?
                }
                _ => Value::String(text.clone()),
            };
            Some((name.clone(), value))
        });
        Value::Object(visible.collect::<Map<_, _>>())
    }

    /// The notification that a queue gets unless it asked for the raw message.
    pub(super) fn envelope(
        &self,
        id: &str,
        topic_arn: &str,
        subscription_arn: &str,
        endpoint: &str,
    ) -> String {
        let mut envelope = json!({
            "Type": "Notification",
            "MessageId": id,
            "TopicArn": topic_arn,
            "Message": self.body,
            "Timestamp": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
            "SignatureVersion": "1",
            "Signature": "UNSIGNED",
            "SigningCertURL": format!("{endpoint}/_fanfare/unsigned.pem"),
            "UnsubscribeURL": format!("{endpoint}/?Action=Unsubscribe&SubscriptionArn={subscription_arn}"),
        });
        if let Some(subject) = &self.subject {
            envelope["Subject"] = subject.as_str().into();
        }
        if !self.attributes.is_empty() {
            let attributes = self.attributes.iter().map(|(name, attribute)| {
                let value = match &attribute.value {
                    AttributeData::Text(text) => text.clone(),
                    AttributeData::Binary(bytes) => BASE64.encode(bytes),
                };
                (name.clone(), json!({"Type": attribute.data_type, "Value": value}))
            });
            envelope["MessageAttributes"] = Value::Object(attributes.collect());
        }
        envelope.to_string()
    }

    /// The attributes as those of the queue's message.
    pub(super) fn queue_attributes(&self) -> HashMap<String, MessageAttributeValue> {
        self.attributes
            .iter()
            .map(|(name, attribute)| {
                let (string_value, binary_value) = match attribute.value.clone() {
                    AttributeData::Text(text) => (Some(text), None),
                    AttributeData::Binary(bytes) => (None, Some(bytes)),
                };
                // SQS has no lists: an array arrives as the text it was published as.
                let data_type = match attribute.data_type.as_str() {
                    "String.Array" => "String".to_owned(),
                    other => other.to_owned(),
                };
                (name.clone(), MessageAttributeValue { data_type, string_value, binary_value })
            })
            .collect()
    }
}

impl Attribute {
    fn from_form(entry: &Form) -> Result<Self, SnsError> {
        let value = entry
            .child("Value")
            .ok_or_else(|| SnsError::invalid("Invalid parameter: an attribute has no value"))?;
        let data_type = value.required("DataType")?.to_owned();
        let data =
            match (data_type.split('.').next(), value.get("StringValue"), value.get("BinaryValue"))
            {
                (Some("Binary"), _, Some(encoded)) => {
                    AttributeData::Binary(BASE64.decode(encoded).map_err(|_| {
                        SnsError::invalid("Invalid parameter: BinaryValue is not base64")
                    })?)
                }
                (Some("String" | "Number"), Some(text), _) => AttributeData::Text(text.to_owned()),
                _ => {
                    return Err(SnsError::invalid(format!(
                        "Invalid parameter: no value of the type {data_type}"
                    )));
                }
            };
        Ok(Self { data_type, value: data })
    }

    fn size(&self) -> usize {
        self.data_type.len()
            + match &self.value {
                AttributeData::Text(text) => text.len(),
                AttributeData::Binary(bytes) => bytes.len(),
            }
    }
}

/// Of a message that is given per protocol, what queues get.
fn for_queues(per_protocol: &str) -> Result<String, SnsError> {
    let invalid = || {
        SnsError::invalid(
            "Invalid parameter: Message Structure - no default entry in JSON message body",
        )
    };
    let messages: Value = serde_json::from_str(per_protocol).map_err(|_| invalid())?;
    let message = messages.get("sqs").or_else(|| messages.get("default"));
    message.and_then(Value::as_str).map(str::to_owned).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(attributes: &str) -> Message {
        let form = format!("Message=hello&{attributes}");
        Message::from_form(&Form::parse(form.as_bytes()).expect("a form")).expect("a message")
    }

    #[test]
    fn filters_see_numbers_as_numbers_and_arrays_as_arrays() {
        let message = message(
            "MessageAttributes.entry.1.Name=n&MessageAttributes.entry.1.Value.DataType=Number&MessageAttributes.entry.1.Value.StringValue=42\
             &MessageAttributes.entry.2.Name=a&MessageAttributes.entry.2.Value.DataType=String.Array&MessageAttributes.entry.2.Value.StringValue=%5B%22x%22%5D\
             &MessageAttributes.entry.3.Name=b&MessageAttributes.entry.3.Value.DataType=Binary&MessageAttributes.entry.3.Value.BinaryValue=AAE%3D",
        );
        assert_eq!(message.filterable(), json!({"n": 42, "a": ["x"]}));
        let attributes = message.queue_attributes();
        assert_eq!(attributes["b"].binary_value.as_deref(), Some([0, 1].as_slice()));
        assert_eq!(attributes["n"].data_type, "Number");
    }

    #[test]
    fn a_message_over_the_limit_and_an_empty_one_are_refused() {
        let long = format!("Message={}", "x".repeat(SIZE_LIMIT + 1));
        assert!(Message::from_form(&Form::parse(long.as_bytes()).expect("a form")).is_err());
        assert!(Message::from_form(&Form::parse(b"Message=").expect("a form")).is_err());
    }

    #[test]
    fn a_message_per_protocol_gives_queues_theirs() {
        let form = Form::parse(
            b"MessageStructure=json&Message=%7B%22default%22%3A%22d%22%2C%22sqs%22%3A%22q%22%7D",
        )
        .expect("a form");
        assert_eq!(Message::from_form(&form).expect("a message").body, "q");
    }
}
