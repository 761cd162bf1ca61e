//! SNS topics, and subscriptions of queues to them.

use std::collections::BTreeMap;

use fanfare_template::{Declaration, Problem};

use super::super::properties::{Properties, Property};
use super::super::scope::Scope;
use super::super::stack::{Stack, Subscription, Topic};
use super::sqs;

const IGNORED: [&str; 7] = [
    "TopicName",
    "KmsMasterKeyId",
    "Tags",
    "SignatureVersion",
    "TracingConfig",
    "DeliveryStatusLogging",
    "FifoThroughputScope",
];

pub(super) fn add_topic(
    scope: &Scope<'_>,
    resource: &Declaration,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    let (name, arn) = (name(scope, resource)?, arn(scope, resource)?);
    let mut attributes = BTreeMap::new();
    if sqs::is_fifo(&mut properties, "FifoTopic", "TopicName", &name)? {
        attributes.insert("FifoTopic".to_owned(), "true".to_owned());
    }
    if let Some(flag) = properties.flag("ContentBasedDeduplication")? {
        attributes.insert("ContentBasedDeduplication".to_owned(), flag.to_string());
    }
    if let Some(name) = properties.text("DisplayName")? {
        attributes.insert("DisplayName".to_owned(), name);
    }
    if let Some(list) = properties.take("Subscription") {
        for (index, item) in list.items()?.iter().enumerate() {
            let id = format!("{}Subscription{index}", resource.id);
            stack.subscriptions.push(subscription(scope, id, arn.clone(), item.fields()?)?);
        }
    }
    properties.ignore(&IGNORED);
    properties.finish()?;
    stack.topics.push(Topic { logical_id: resource.id.clone(), name, arn, attributes });
    Ok(())
}

pub(super) fn add_subscription(
    scope: &Scope<'_>,
    resource: &Declaration,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    let topic = properties.require("TopicArn")?;
    let given = topic.text()?;
    if scope.find(&["AWS::SNS::Topic"], |other| Ok(arn(scope, other)? == given))?.is_none() {
        return Err(topic.unsupported(format!("is {given}, which is no topic of this template")));
    }
    stack.subscriptions.push(subscription(
        scope,
        resource.id.clone(),
        given.to_owned(),
        properties,
    )?);
    Ok(())
}

pub(super) fn name(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    scope.fifo_name(resource, "TopicName", "FifoTopic")
}

pub(super) fn arn(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    Ok(scope.arn("sns", &name(scope, resource)?))
}

fn subscription(
    scope: &Scope<'_>,
    logical_id: String,
    topic_arn: String,
    mut properties: Properties,
) -> Result<Subscription, Problem> {
    properties.require("Protocol")?.one_of(&["sqs"])?;
    let endpoint = properties.require("Endpoint")?;
    let queue_arn = sqs::queue_arn(scope, &endpoint)?;
    if queue_arn.ends_with(".fifo") && !topic_arn.ends_with(".fifo") {
        return Err(
            endpoint.fault("is a FIFO queue, which can't be subscribed to a standard topic")
        );
    }
    let scope_of_filter = properties.take("FilterPolicyScope");
    let allowed = ["MessageAttributes", "MessageBody"];
    let filter_policy_scope =
        scope_of_filter.map(|property| property.one_of(&allowed).map(str::to_owned)).transpose()?;
    let subscription = Subscription {
        logical_id,
        topic_arn,
        queue_arn,
        raw: properties.flag("RawMessageDelivery")?.unwrap_or(false),
        filter_policy: properties.take("FilterPolicy").map(|policy| policy.json()).transpose()?,
        filter_policy_scope,
        dead_letter_queue_arn: dead_letters(scope, properties.take("RedrivePolicy"))?,
    };
    properties.finish()?;
    Ok(subscription)
}

fn dead_letters(scope: &Scope<'_>, policy: Option<Property>) -> Result<Option<String>, Problem> {
    let Some(policy) = policy else { return Ok(None) };
    let mut fields = policy.fields()?;
    let arn = sqs::queue_arn(scope, &fields.require("deadLetterTargetArn")?)?;
    fields.finish()?;
    Ok(Some(arn))
}
