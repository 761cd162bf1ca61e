//! SQS queues.

use std::collections::BTreeMap;

use serde_json::json;

use fanfare_template::{Declaration, Part, Problem};

use super::super::properties::{Properties, Property};
use super::super::scope::Scope;
use super::super::stack::{Queue, Stack};
use crate::queues::NUMBERS;

const IGNORED: [&str; 5] =
    ["QueueName", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled", "Tags"];

pub(super) fn add(
    scope: &Scope<'_>,
    resource: &Declaration,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    let name = name(scope, resource)?;
    let mut attributes = numbers(&mut properties)?;
    if is_fifo(&mut properties, "FifoQueue", "QueueName", &name)? {
        attributes.insert("FifoQueue".into(), "true".into());
    }
    if let Some(flag) = properties.flag("ContentBasedDeduplication")? {
        attributes.insert("ContentBasedDeduplication".into(), flag.to_string());
    }
    for attribute in ["DeduplicationScope", "FifoThroughputLimit"] {
        attributes.extend(properties.text(attribute)?.map(|text| (attribute.into(), text)));
    }
    if let Some(policy) = properties.take("RedrivePolicy") {
        attributes.insert("RedrivePolicy".into(), redrive_policy(scope, &policy, &name)?);
    }
    if let Some(policy) = properties.take("RedriveAllowPolicy") {
        attributes.insert("RedriveAllowPolicy".into(), policy.json()?.to_string());
    }
    properties.ignore(&IGNORED);
    properties.finish()?;
    stack.queues.push(Queue {
        logical_id: resource.id.clone(),
        arn: scope.arn("sqs", &name),
        url: url(scope, resource)?,
        name,
        attributes,
    });
    Ok(())
}

pub(super) fn url(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    let name = name(scope, resource)?;
    Ok(format!("{}/{}/{name}", scope.local.context.endpoint, scope.local.stack.account_id))
}

pub(super) fn attribute(
    scope: &Scope<'_>,
    resource: &Declaration,
    attribute: &str,
) -> Result<Option<String>, Problem> {
    match attribute {
        "Arn" => arn(scope, resource).map(Some),
        "QueueName" => name(scope, resource).map(Some),
        "QueueUrl" => url(scope, resource).map(Some),
        _ => Ok(None),
    }
}

/// The ARN that a property holds, if it is one of this template's queues'.
pub(super) fn queue_arn(scope: &Scope<'_>, property: &Property) -> Result<String, Problem> {
    let given = property.text()?;
    match is_queue(scope, given)? {
        true => Ok(given.to_owned()),
        false => {
            Err(property.unsupported(format!("is {given}, which is no queue of this template")))
        }
    }
}

pub(super) fn is_queue(scope: &Scope<'_>, given: &str) -> Result<bool, Problem> {
    Ok(scope.find(&["AWS::SQS::Queue"], |queue| Ok(arn(scope, queue)? == given))?.is_some())
}

/// Whether a queue or topic is FIFO, by its property and its name, which AWS wants to agree.
pub(super) fn is_fifo(
    properties: &mut Properties,
    flag: &str,
    name_property: &str,
    name: &str,
) -> Result<bool, Problem> {
    let place_of_name = properties.place_of(name_property);
    let fault = |message: &str| {
        Problem::invalid(place_of_name, format!("is {name}; {message}"))
            .of(Part::Property, name_property)
    };
    match (properties.flag(flag)?.unwrap_or(false), name.ends_with(".fifo")) {
        (true, false) => Err(fault("a FIFO name must end in .fifo")),
        (false, true) => Err(fault(&format!("a name that ends in .fifo needs {flag}: true"))),
        (fifo, _) => Ok(fifo),
    }
}

fn name(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    scope.fifo_name(resource, "QueueName", "FifoQueue")
}

fn arn(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    Ok(scope.arn("sqs", &name(scope, resource)?))
}

fn numbers(properties: &mut Properties) -> Result<BTreeMap<String, String>, Problem> {
    let mut attributes = BTreeMap::new();
    for (name, range, _) in NUMBERS {
        let number = properties.number(name, range)?;
        attributes.extend(number.map(|number| (name.to_owned(), number.to_string())));
    }
    Ok(attributes)
}

fn redrive_policy(scope: &Scope<'_>, policy: &Property, name: &str) -> Result<String, Problem> {
    let mut fields = policy.fields()?;
    let target = fields.require("deadLetterTargetArn")?;
    let arn = queue_arn(scope, &target)?;
    if arn.ends_with(".fifo") != name.ends_with(".fifo") {
        return Err(target.fault(
            "must be a FIFO queue for a FIFO queue, and a standard one for a standard one",
        ));
    }
    let receives: u32 = fields.require("maxReceiveCount")?.number(1..=1000)?;
    fields.finish()?;
    Ok(json!({ "deadLetterTargetArn": arn, "maxReceiveCount": receives }).to_string())
}
