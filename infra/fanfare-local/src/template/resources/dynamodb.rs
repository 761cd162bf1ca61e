//! DynamoDB tables: a template's property becomes the request that creates it.

use serde_json::{Map, Value as Json, json};

use fanfare_template::{Declaration, Problem};

use super::super::properties::{Properties, Property};
use super::super::scope::Scope;
use super::super::stack::{Stack, Table};

const IGNORED: [&str; 10] = [
    "TableName",
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "Tags",
    "DeletionProtectionEnabled",
    "TableClass",
    "ContributorInsightsSpecification",
    "OnDemandThroughput",
    "WarmThroughput",
    "ResourcePolicy",
];

pub(super) fn add_table(
    scope: &Scope<'_>,
    resource: &Declaration,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    let mut create = Map::new();
    create.insert("TableName".into(), name(scope, resource)?.into());
    for keys in ["KeySchema", "AttributeDefinitions"] {
        create.insert(keys.into(), properties.require(keys)?.json_of_texts()?);
    }
    create.extend(billing(&mut properties)?);
    for indexes in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        if let Some(list) = properties.take(indexes) {
            let list = list.items()?.iter().map(index).collect::<Result<Vec<_>, _>>()?;
            create.insert(indexes.into(), list.into());
        }
    }
    if let Some(specification) = properties.take("StreamSpecification") {
        create.insert("StreamSpecification".into(), stream(&specification)?);
    }
    let ttl_attribute = ttl(properties.take("TimeToLiveSpecification"))?;
    properties.ignore(&IGNORED);
    properties.finish()?;
    stack.tables.push(table(scope, resource, create, ttl_attribute)?);
    Ok(())
}

pub(super) fn add_simple_table(
    scope: &Scope<'_>,
    resource: &Declaration,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    let (key, kind) = match properties.take("PrimaryKey") {
        None => ("id".to_owned(), "S"),
        Some(property) => primary_key(&property)?,
    };
    let mut create = Map::new();
    create.insert("TableName".into(), name(scope, resource)?.into());
    create.insert("KeySchema".into(), json!([{ "AttributeName": key, "KeyType": "HASH" }]));
    create.insert(
        "AttributeDefinitions".into(),
        json!([{ "AttributeName": key, "AttributeType": kind }]),
    );
    match properties.take("ProvisionedThroughput") {
        None => create.insert("BillingMode".into(), "PAY_PER_REQUEST".into()),
        Some(property) => create.insert("ProvisionedThroughput".into(), throughput(&property)?),
    };
    properties.ignore(&IGNORED);
    properties.finish()?;
    stack.tables.push(table(scope, resource, create, None)?);
    Ok(())
}

pub(super) fn name(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    scope.name(resource, "TableName")
}

pub(super) fn attribute(
    scope: &Scope<'_>,
    resource: &Declaration,
    attribute: &str,
) -> Result<Option<String>, Problem> {
    match attribute {
        "Arn" => arn(scope, resource).map(Some),
        "StreamArn" => stream_arn(scope, resource),
        _ => Ok(None),
    }
}

/// Whether this is the ARN of a stream that one of this template's tables has.
pub(super) fn is_stream(scope: &Scope<'_>, given: &str) -> Result<bool, Problem> {
    let stream = |table: &Declaration| Ok(stream_arn(scope, table)?.as_deref() == Some(given));
    Ok(scope.find(&["AWS::DynamoDB::Table"], stream)?.is_some())
}

fn arn(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    Ok(scope.arn("dynamodb", &format!("table/{}", name(scope, resource)?)))
}

/// AWS labels a stream with the time that it was enabled, which nothing can know beforehand.
fn stream_arn(scope: &Scope<'_>, resource: &Declaration) -> Result<Option<String>, Problem> {
    match scope.own(resource, "StreamSpecification") {
        None => Ok(None),
        Some(_) => Ok(Some(format!("{}/stream/1970-01-01T00:00:00.000", arn(scope, resource)?))),
    }
}

fn table(
    scope: &Scope<'_>,
    resource: &Declaration,
    create: Map<String, Json>,
    ttl_attribute: Option<String>,
) -> Result<Table, Problem> {
    Ok(Table {
        logical_id: resource.id.clone(),
        name: name(scope, resource)?,
        arn: arn(scope, resource)?,
        stream_arn: stream_arn(scope, resource)?,
        create: create.into(),
        ttl_attribute,
    })
}

fn billing(properties: &mut Properties) -> Result<Map<String, Json>, Problem> {
    let mode = properties.take("BillingMode");
    let mode =
        mode.as_ref().map(|mode| mode.one_of(&["PAY_PER_REQUEST", "PROVISIONED"])).transpose()?;
    let mut billing = Map::new();
    billing.extend(mode.map(|mode| ("BillingMode".to_owned(), mode.into())));
    if mode != Some("PAY_PER_REQUEST") {
        let property = properties.require("ProvisionedThroughput")?;
        billing.insert("ProvisionedThroughput".into(), throughput(&property)?);
    }
    Ok(billing)
}

fn throughput(property: &Property) -> Result<Json, Problem> {
    let mut fields = property.fields()?;
    let read: u64 = fields.require("ReadCapacityUnits")?.number(1..=u64::MAX)?;
    let write: u64 = fields.require("WriteCapacityUnits")?.number(1..=u64::MAX)?;
    fields.finish()?;
    Ok(json!({ "ReadCapacityUnits": read, "WriteCapacityUnits": write }))
}

fn index(property: &Property) -> Result<Json, Problem> {
    let mut fields = property.fields()?;
    let mut index = Map::new();
    for name in ["IndexName", "KeySchema", "Projection"] {
        index.insert(name.into(), fields.require(name)?.json_of_texts()?);
    }
    if let Some(property) = fields.take("ProvisionedThroughput") {
        index.insert("ProvisionedThroughput".into(), throughput(&property)?);
    }
    fields.ignore(&["ContributorInsightsSpecification", "OnDemandThroughput", "WarmThroughput"]);
    fields.finish()?;
    Ok(index.into())
}

fn stream(property: &Property) -> Result<Json, Problem> {
    const VIEWS: [&str; 4] = ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"];
    let mut fields = property.fields()?;
    let view = fields.require("StreamViewType")?;
    let view = view.one_of(&VIEWS)?;
    fields.ignore(&["ResourcePolicy"]);
    fields.finish()?;
    Ok(json!({ "StreamEnabled": true, "StreamViewType": view }))
}

fn ttl(property: Option<Property>) -> Result<Option<String>, Problem> {
    let Some(property) = property else { return Ok(None) };
    let mut fields = property.fields()?;
    let enabled = fields.require("Enabled")?.flag()?;
    let attribute = fields.text("AttributeName")?;
    fields.finish()?;
    match (enabled, attribute) {
        (true, None) => Err(property.fault("is enabled without an AttributeName")),
        (enabled, attribute) => Ok(attribute.filter(|_| enabled)),
    }
}

fn primary_key(property: &Property) -> Result<(String, &'static str), Problem> {
    let mut fields = property.fields()?;
    let name = fields.text("Name")?.unwrap_or_else(|| "id".into());
    let kind = fields.require("Type")?;
    let kind = match kind.one_of(&["String", "Number", "Binary"])? {
        "Number" => "N",
        "Binary" => "B",
        _ => "S",
    };
    fields.finish()?;
    Ok((name, kind))
}
