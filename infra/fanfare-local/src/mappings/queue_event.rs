//! SQS messages as Lambda hands them to a function.

use std::collections::{BTreeMap, HashMap};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustack_sqs_model::types::{Message, MessageAttributeValue};
use serde::Serialize;
use serde_json::{Value, json};

use fanfare_template::pattern;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    #[serde(rename = "Records")]
    pub(super) records: Vec<Record<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    message_id: &'a str,
    receipt_handle: &'a str,
    body: &'a str,
    attributes: &'a HashMap<String, String>,
    message_attributes: BTreeMap<&'a str, AttributeValue<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    md5_of_message_attributes: Option<&'a str>,
    md5_of_body: &'a str,
    event_source: &'static str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
    aws_region: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttributeValue<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
    string_list_values: [(); 0],
    binary_list_values: [(); 0],
    data_type: &'a str,
}

impl<'a> Record<'a> {
    pub(super) fn new(message: &'a Message, queue_arn: &'a str, region: &'a str) -> Self {
        let attribute = |value: &'a MessageAttributeValue| AttributeValue {
            string_value: value.string_value.as_deref(),
            binary_value: value.binary_value.as_ref().map(|bytes| BASE64.encode(bytes)),
            string_list_values: [],
            binary_list_values: [],
            data_type: &value.data_type,
        };
        Self {
            message_id: message.message_id.as_deref().unwrap_or_default(),
            receipt_handle: message.receipt_handle.as_deref().unwrap_or_default(),
            body: message.body.as_deref().unwrap_or_default(),
            attributes: &message.attributes,
            message_attributes: message
                .message_attributes
                .iter()
                .map(|(name, value)| (name.as_str(), attribute(value)))
                .collect(),
            md5_of_message_attributes: message.md5_of_message_attributes.as_deref(),
            md5_of_body: message.md5_of_body.as_deref().unwrap_or_default(),
            event_source: "aws:sqs",
            event_source_arn: queue_arn,
            aws_region: region,
        }
    }

    /// Whether the mapping's filters let the message through. A pattern for fields of the body sees a body
    /// that is JSON; a pattern for the body itself sees its text.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html>
    pub(super) fn passes(&self, filters: &[Value]) -> bool {
        if filters.is_empty() {
            return true;
        }
        let mut record = json!(self);
        let as_json: Option<Value> = serde_json::from_str(self.body).ok();
        filters.iter().any(|filter| {
            record["body"] = match (filter.get("body"), &as_json) {
                (Some(Value::Object(_)), Some(body)) => body.clone(),
                _ => self.body.into(),
            };
            pattern::matches(filter, &record)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Message {
        let binary = MessageAttributeValue {
            data_type: "Binary".to_owned(),
            string_value: None,
            binary_value: Some(vec![0, 1]),
        };
        Message {
            message_id: Some("m".to_owned()),
            receipt_handle: Some("r".to_owned()),
            body: Some(body.to_owned()),
            md5_of_body: Some("5".to_owned()),
            md5_of_message_attributes: None,
            message_attributes: HashMap::from([("b".to_owned(), binary)]),
            attributes: HashMap::from([("ApproximateReceiveCount".to_owned(), "1".to_owned())]),
        }
    }

    #[test]
    fn a_record_has_lambdas_names() {
        let message = message("hello");
        assert_eq!(
            json!(Record::new(&message, "arn:q", "eu-west-1")),
            json!({
                "messageId": "m", "receiptHandle": "r", "body": "hello", "md5OfBody": "5",
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {"b": {
                    "binaryValue": "AAE=", "dataType": "Binary", "stringListValues": [], "binaryListValues": [],
                }},
                "eventSource": "aws:sqs", "eventSourceARN": "arn:q", "awsRegion": "eu-west-1",
            })
        );
    }

    #[test]
    fn filters_see_inside_a_body_that_is_json() {
        let passes =
            |body: &str, filter: Value| Record::new(&message(body), "arn:q", "r").passes(&[filter]);
        assert!(passes(r#"{"kind":"a"}"#, json!({"body": {"kind": ["a"]}})));
        assert!(!passes(r#"{"kind":"b"}"#, json!({"body": {"kind": ["a"]}})));
        assert!(!passes("kind a", json!({"body": {"kind": ["a"]}})));
        assert!(passes("kind a", json!({"body": [{"prefix": "kind"}]})));
        assert!(passes("kind a", json!({"attributes": {"ApproximateReceiveCount": ["1"]}})));
    }
}
