//! SNS's operations, from a form to XML.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::StatusCode;

use super::delivery::Sns;
use super::error::SnsError;
use super::form::Form;
use super::message::Message;
use super::topics::Topic;
use crate::http_server::{Reply, reply};

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
const BATCH_LIMIT: usize = 10;

pub(crate) async fn handle(sns: &Sns, form: &Form) -> Reply {
    let action = form.get("Action").unwrap_or_default();
    let request = uuid::Uuid::new_v4();
    let metadata = format!("<RequestId>{request}</RequestId>");
    match answer(sns, action, form).await {
        Ok(result) => xml(
            StatusCode::OK,
            format!(
                "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result>\
                 <ResponseMetadata>{metadata}</ResponseMetadata></{action}Response>"
            ),
        ),
        Err(SnsError { code, message, status }) => xml(
            status,
            format!(
                "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code>\
                 <Message>{}</Message></Error>{metadata}</ErrorResponse>",
                escape(&message)
            ),
        ),
    }
}

async fn answer(sns: &Sns, action: &str, form: &Form) -> Result<String, SnsError> {
    match action {
        "Publish" => {
            let arn = form.get("TopicArn").or_else(|| form.get("TargetArn"));
            let arn = arn.ok_or_else(|| {
                SnsError::invalid("Invalid parameter: only topics can be published to")
            })?;
            let receipt = sns.publish(arn, Message::from_form(form)?).await?;
            Ok(receipt_xml(&receipt.message_id, receipt.sequence_number.as_deref()))
        }
        "PublishBatch" => publish_batch(sns, form).await,
        "CreateTopic" => create_topic(sns, form),
        "DeleteTopic" => {
            sns.topics().remove(form.required("TopicArn")?);
            Ok(String::new())
        }
        "ListTopics" => {
            let topics = sns.topics();
            let members =
                topics.keys().map(|arn| format!("<member>{}</member>", element("TopicArn", arn)));
            Ok(format!("<Topics>{}</Topics>", members.collect::<String>()))
        }
        "GetTopicAttributes" => with_topic(sns, form, "TopicArn", |arn, topic| {
            let mut attributes = topic.attributes.clone();
            attributes.insert("TopicArn".to_owned(), arn.to_owned());
            attributes.insert("Owner".to_owned(), sns.account.clone());
            attributes
                .insert("SubscriptionsConfirmed".to_owned(), topic.subscriptions.len().to_string());
            Ok(format!("<Attributes>{}</Attributes>", entries(&attributes)))
        }),
        "SetTopicAttributes" => with_topic(sns, form, "TopicArn", |_, topic| {
            let name = form.required("AttributeName")?.to_owned();
            topic
                .attributes
                .insert(name, form.get("AttributeValue").unwrap_or_default().to_owned());
            Ok(String::new())
        }),
        "Subscribe" => {
            if form.required("Protocol")? != "sqs" {
                return Err(SnsError::invalid(
                    "Invalid parameter: Protocol: only sqs is available locally",
                ));
            }
            let endpoint = form.required("Endpoint")?;
            let arn =
                sns.add_subscription(form.required("TopicArn")?, endpoint, form.map("Attributes"))?;
            Ok(element("SubscriptionArn", &arn))
        }
        "Unsubscribe" => {
            let arn = form.required("SubscriptionArn")?;
            sns.topics()
                .values_mut()
                .for_each(|topic| topic.subscriptions.retain(|known| known.arn != arn));
            Ok(String::new())
        }
        "ListSubscriptions" => Ok(list_subscriptions(sns, None)),
        "ListSubscriptionsByTopic" => Ok(list_subscriptions(sns, Some(form.required("TopicArn")?))),
        "GetSubscriptionAttributes" | "SetSubscriptionAttributes" => {
            subscription_attributes(sns, action, form)
        }
        "TagResource" => with_topic(sns, form, "ResourceArn", |_, topic| {
            topic.tags.extend(tags(form));
            Ok(String::new())
        }),
        "UntagResource" => with_topic(sns, form, "ResourceArn", |_, topic| {
            let removed: Vec<_> = form.list("TagKeys", "member");
            if removed.is_empty() {
                return Err(SnsError::invalid("Invalid parameter: TagKeys is missing"));
            }
            topic.tags.retain(|name, _| !removed.iter().any(|key| key.is(name)));
            Ok(String::new())
        }),
        "ListTagsForResource" => with_topic(sns, form, "ResourceArn", |_, topic| {
            let members = topic.tags.iter().map(|(key, value)| {
                format!("<member>{}{}</member>", element("Key", key), element("Value", value))
            });
            Ok(format!("<Tags>{}</Tags>", members.collect::<String>()))
        }),
        other => {
            Err(SnsError::batch("InvalidAction", &format!("SNS {other} is not available locally")))
        }
    }
}

async fn publish_batch(sns: &Sns, form: &Form) -> Result<String, SnsError> {
    let arn = form.required("TopicArn")?;
    if !sns.topics().contains_key(arn) {
        return Err(SnsError::not_found("Topic"));
    }
    let entries = form.list("PublishBatchRequestEntries", "member");
    if entries.is_empty() {
        return Err(SnsError::batch(
            "EmptyBatchRequest",
            "The batch request doesn't contain any entries",
        ));
    }
    if entries.len() > BATCH_LIMIT {
        return Err(SnsError::batch(
            "TooManyEntriesInBatchRequest",
            "The batch request has more than 10 entries",
        ));
    }
    let mut ids: Vec<&str> = Vec::with_capacity(entries.len());
    for entry in &entries {
        let id = entry.required("Id")?;
        if ids.contains(&id) {
            return Err(SnsError::batch(
                "BatchEntryIdsNotDistinct",
                "Two or more batch entries have the same Id",
            ));
        }
        ids.push(id);
    }
    let (mut successful, mut failed) = (String::new(), String::new());
    for (id, entry) in ids.into_iter().zip(entries) {
        let published = match Message::from_form(entry) {
            Ok(message) => sns.publish(arn, message).await,
            Err(error) => Err(error),
        };
        let id = element("Id", id);
        match published {
            Ok(receipt) => {
                let receipt = receipt_xml(&receipt.message_id, receipt.sequence_number.as_deref());
                successful += &format!("<member>{id}{receipt}</member>");
            }
            Err(error) => {
                let reason = element("Code", error.code) + &element("Message", &error.message);
                failed += &format!("<member>{id}{reason}<SenderFault>true</SenderFault></member>");
            }
        }
    }
    Ok(format!("<Successful>{successful}</Successful><Failed>{failed}</Failed>"))
}

fn create_topic(sns: &Sns, form: &Form) -> Result<String, SnsError> {
    let name = form.required("Name")?;
    let valid = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    let bare = name.strip_suffix(".fifo").unwrap_or(name);
    if bare.is_empty() || name.len() > 256 || !bare.chars().all(valid) {
        return Err(SnsError::invalid("Invalid parameter: Topic Name"));
    }
    let arn = format!("arn:aws:sns:{}:{}:{name}", sns.region, sns.account);
    let created = || Topic::new(name, form.map("Attributes"), tags(form).collect());
    sns.topics().entry(arn.clone()).or_insert_with(created);
    Ok(element("TopicArn", &arn))
}

fn with_topic(
    sns: &Sns,
    form: &Form,
    parameter: &str,
    act: impl FnOnce(&str, &mut Topic) -> Result<String, SnsError>,
) -> Result<String, SnsError> {
    let arn = form.required(parameter)?;
    let mut topics = sns.topics();
    act(arn, topics.get_mut(arn).ok_or_else(|| SnsError::not_found("Topic"))?)
}

fn subscription_attributes(sns: &Sns, action: &str, form: &Form) -> Result<String, SnsError> {
    let arn = form.required("SubscriptionArn")?;
    let mut topics = sns.topics();
    for (topic_arn, topic) in topics.iter_mut() {
        let Some(subscription) = topic.subscriptions.iter_mut().find(|known| known.arn == arn)
        else {
            continue;
        };
        if action == "SetSubscriptionAttributes" {
            let value = form.get("AttributeValue").unwrap_or_default();
            subscription.set(form.required("AttributeName")?, value)?;
            return Ok(String::new());
        }
        let mut attributes = subscription.attributes.clone();
        let own = [
            ("SubscriptionArn", arn),
            ("TopicArn", topic_arn),
            ("Protocol", "sqs"),
            ("Endpoint", &subscription.queue_arn),
            ("Owner", &sns.account),
            ("PendingConfirmation", "false"),
        ];
        attributes.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
        return Ok(format!("<Attributes>{}</Attributes>", entries(&attributes)));
    }
    Err(SnsError::not_found("Subscription"))
}

fn list_subscriptions(sns: &Sns, of_topic: Option<&str>) -> String {
    let mut members = String::new();
    for (topic_arn, topic) in sns.topics().iter() {
        if of_topic.is_some_and(|wanted| wanted != topic_arn) {
            continue;
        }
        for subscription in &topic.subscriptions {
            let fields = [
                ("SubscriptionArn", subscription.arn.as_str()),
                ("Owner", &sns.account),
                ("Protocol", "sqs"),
                ("Endpoint", &subscription.queue_arn),
                ("TopicArn", topic_arn),
            ];
            let fields: String = fields.iter().map(|(name, value)| element(name, value)).collect();
            members += &format!("<member>{fields}</member>");
        }
    }
    format!("<Subscriptions>{members}</Subscriptions>")
}

fn tags(form: &Form) -> impl Iterator<Item = (String, String)> {
    let tags = form.list("Tags", "member").into_iter();
    tags.filter_map(|tag| Some((tag.get("Key")?.to_owned(), tag.get("Value")?.to_owned())))
}

fn receipt_xml(message_id: &str, sequence_number: Option<&str>) -> String {
    element("MessageId", message_id)
        + &sequence_number.map(|number| element("SequenceNumber", number)).unwrap_or_default()
}

fn entries(attributes: &BTreeMap<String, String>) -> String {
    let entry = |(key, value): (&String, &String)| {
        format!("<entry>{}{}</entry>", element("key", key), element("value", value))
    };
    attributes.iter().map(entry).collect()
}

fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn xml(status: StatusCode, body: String) -> Reply {
    reply(status, "text/xml", Bytes::from(body))
}
