//! Creates what the template declares: tables, queues, topics and subscriptions.

use std::path::Path;

use dynoxide::Database;
use serde_json::{Value, json};

use crate::error::StartError;
use crate::queues::Queues;
use crate::sns::Sns;
use crate::tables::Tables;
use crate::template::stack::{Stack, Table};

pub(crate) async fn create(
    stack: &Stack,
    tables: &Tables,
    queues: &Queues,
    sns: &Sns,
    data: Option<&Path>,
) -> Result<(), StartError> {
    for table in &stack.tables {
        create_table(&tables.database, table, data)?;
    }
    for queue in &stack.queues {
        queues
            .create(&queue.name, queue.attributes.clone(), [])
            .map_err(|error| refused(&queue.logical_id, error.message))?;
    }
    for topic in &stack.topics {
        sns.create(topic);
    }
    for subscription in &stack.subscriptions {
        sns.subscribe(subscription)
            .map_err(|error| refused(&subscription.logical_id, error.message))?;
    }
    Ok(())
}

fn refused(logical_id: &str, reason: impl Into<String>) -> StartError {
    StartError::Resource { logical_id: logical_id.to_owned(), reason: reason.into() }
}

/// Whether the tables that are there can be those of a stack, as they were made.
///
/// # Errors
/// [`StartError::TableChanged`] when one would have to be made anew.
pub(crate) fn check_tables(
    stack: &Stack,
    database: &Database,
    data: Option<&Path>,
) -> Result<(), StartError> {
    let stored = |table: &&Table| describe(database, &table.name).is_some();
    stack.tables.iter().filter(stored).try_for_each(|table| check_table(database, table, data))
}

/// Whether a table that is there is as it is wanted.
fn check_table(database: &Database, table: &Table, data: Option<&Path>) -> Result<(), StartError> {
    let failed = |error: &dyn std::fmt::Display| refused(&table.logical_id, error.to_string());
    let request = serde_json::from_value(table.create.clone()).map_err(|error| failed(&error))?;
    // The same table in a database of its own, so that both descriptions come from one place.
    let fresh = Database::memory().map_err(|error| failed(&error))?;
    fresh.create_table(request).map_err(|error| failed(&error))?;
    let described = |database| describe(database, &table.name).unwrap_or_default();
    match difference(&described(database), &described(&fresh)) {
        None => Ok(()),
        Some(difference) => Err(StartError::TableChanged {
            table: table.name.clone(),
            logical_id: table.logical_id.clone(),
            difference,
            data: data.map(Path::to_owned).unwrap_or_default(),
        }),
    }
}

fn create_table(database: &Database, table: &Table, data: Option<&Path>) -> Result<(), StartError> {
    let failed = |error: &dyn std::fmt::Display| refused(&table.logical_id, error.to_string());
    match describe(database, &table.name) {
        Some(_) => check_table(database, table, data)?,
        None => {
            let request =
                serde_json::from_value(table.create.clone()).map_err(|error| failed(&error))?;
            database.create_table(request).map_err(|error| failed(&error))?;
        }
    }
    if let Some(attribute) = &table.ttl_attribute {
        let request = json!({
            "TableName": table.name,
            "TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": true},
        });
        let request = serde_json::from_value(request).map_err(|error| failed(&error))?;
        if let Err(error) = database.update_time_to_live(request) {
            // A stored table has it already, which DynamoDB refuses to set again.
            if !error.to_string().contains("already enabled") {
                return Err(failed(&error));
            }
        }
    }
    Ok(())
}

fn describe(database: &Database, table: &str) -> Option<Value> {
    let request = serde_json::from_value(json!({ "TableName": table })).ok()?;
    serde_json::to_value(database.describe_table(request).ok()?).ok()
}

/// The first part of the description that differs, of those that hold for stored items.
fn difference(stored: &Value, wanted: &Value) -> Option<&'static str> {
    let key = |table: &Value| table["Table"]["KeySchema"].clone();
    let attributes = |table: &Value| {
        sorted(&table["Table"]["AttributeDefinitions"], "AttributeName", &["AttributeType"])
    };
    let indexes = |kind: &str, table: &Value| {
        sorted(&table["Table"][kind], "IndexName", &["KeySchema", "Projection"])
    };
    let stream = |table: &Value| table["Table"]["StreamSpecification"].clone();
    let differs = [
        ("key schema", key(stored) != key(wanted)),
        ("set of key attributes", attributes(stored) != attributes(wanted)),
        (
            "set of global indexes",
            indexes("GlobalSecondaryIndexes", stored) != indexes("GlobalSecondaryIndexes", wanted),
        ),
        (
            "set of local indexes",
            indexes("LocalSecondaryIndexes", stored) != indexes("LocalSecondaryIndexes", wanted),
        ),
        ("stream", stream(stored) != stream(wanted)),
    ];
    differs.into_iter().find(|(_, differs)| *differs).map(|(what, _)| what)
}

/// The elements by their names, with the given fields only.
fn sorted(list: &Value, name: &str, fields: &[&str]) -> Vec<(String, Vec<Value>)> {
    let elements = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut elements: Vec<_> = elements
        .iter()
        .map(|element| {
            let name = element[name].as_str().unwrap_or_default().to_owned();
            (name, fields.iter().map(|field| element[*field].clone()).collect())
        })
        .collect();
    elements.sort_by(|(one, _), (other, _): &(String, Vec<Value>)| one.cmp(other));
    elements
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(sort_key: Option<&str>, ttl: bool) -> Table {
        let names = ["id"].into_iter().chain(sort_key);
        let definitions: Vec<_> =
            names.map(|name| json!({"AttributeName": name, "AttributeType": "S"})).collect();
        let mut keys = vec![json!({"AttributeName": "id", "KeyType": "HASH"})];
        keys.extend(sort_key.map(|name| json!({"AttributeName": name, "KeyType": "RANGE"})));
        Table {
            logical_id: "Things".to_owned(),
            name: "fanfare-things".to_owned(),
            arn: String::new(),
            stream_arn: None,
            create: json!({
                "TableName": "fanfare-things", "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": keys, "AttributeDefinitions": definitions,
            }),
            ttl_attribute: ttl.then(|| "expiresAt".to_owned()),
        }
    }

    #[test]
    fn a_stored_table_is_used_again_unless_it_looks_different() {
        let database = Database::memory().expect("a database");
        let data = Path::new("/data");
        create_table(&database, &table(None, true), Some(data)).expect("created");
        create_table(&database, &table(None, true), Some(data)).expect("used again");
        let error = create_table(&database, &table(Some("version"), true), Some(data))
            .expect_err("another key");
        assert_eq!(
            error.to_string(),
            "table fanfare-things is stored with another key schema than the template's Things has now; \
             remove /data to start afresh, or run the earlier template"
        );
    }
}
