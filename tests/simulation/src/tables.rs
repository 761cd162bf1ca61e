//! The tables, as the template describes them, and the simulation's own look into them.

use crate::time::VirtualTime;
use dynoxide::Database;
use read_models::sagas;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const EVENTS: &str = "events";
pub(crate) const LEDGER: &str = "ledger";
pub(crate) const EMAIL: &str = "email";
pub(crate) const STOCK: &str = "stock";
pub(crate) const SHIPMENTS: &str = "shipments";
pub(crate) const SALES: &str = "sales";
pub(crate) const PAYMENTS: &str = "payments";
pub(crate) const SAGAS: &str = "sagas";
pub(crate) const ORDERED: &str = "ordered";
pub(crate) const SPENT: &str = "spent";
pub(crate) const VIEWS: &str = "views";
pub(crate) const GOSSIP: &str = "gossip";

/// Every table with its key: attribute names and types.
const TABLES: [(&str, &[(&str, &str)]); 12] = [
    (EVENTS, &[("stream", "S"), ("version", "N")]),
    (LEDGER, &[("id", "S")]),
    (EMAIL, &[("id", "S")]),
    (STOCK, &[("sku", "S")]),
    (SHIPMENTS, &[("orderId", "S")]),
    (SALES, &[("day", "S"), ("figure", "S")]),
    (PAYMENTS, &[("orderId", "S")]),
    (SAGAS, &[("orderId", "S")]),
    (ORDERED, &[("customerId", "S")]),
    (SPENT, &[("orderId", "S")]),
    (VIEWS, &[("pk", "S"), ("sk", "S")]),
    (GOSSIP, &[("customerId", "S")]),
];

/// The environment variables that name them.
pub(crate) const VARIABLES: [(&str, &str); 12] = [
    ("EVENTS_TABLE", EVENTS),
    ("LEDGER_TABLE", LEDGER),
    ("EMAIL_TABLE", EMAIL),
    ("STOCK_TABLE", STOCK),
    ("SHIPMENTS_TABLE", SHIPMENTS),
    ("SALES_TABLE", SALES),
    ("PAYMENTS_TABLE", PAYMENTS),
    ("SAGAS_TABLE", SAGAS),
    ("ORDERED_TABLE", ORDERED),
    ("SPENT_TABLE", SPENT),
    ("VIEWS_TABLE", VIEWS),
    ("GOSSIP_TABLE", GOSSIP),
];

/// Creates the tables in a database of their own.
pub(crate) fn create(time: VirtualTime) -> Database {
    let database = Database::memory_with_clock(Arc::new(time)).expect("a database in memory");
    for (name, key) in TABLES {
        let kinds = ["HASH", "RANGE"];
        let schema = key.iter().zip(kinds);
        let schema =
            schema.map(|((name, _), kind)| json!({"AttributeName": name, "KeyType": kind}));
        let types = key.iter().map(|(name, t)| json!({"AttributeName": name, "AttributeType": t}));
        let mut table = json!({
            "TableName": name, "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": schema.collect::<Value>(), "AttributeDefinitions": types.collect::<Value>(),
        });
        if name == SAGAS {
            index_open_sagas(&mut table);
        }
        database.create_table(request(table)).expect("a table");
    }
    database
}

/// The one index that a function reads here: the sweep's.
fn index_open_sagas(table: &mut Value) {
    let key = [(sagas::OPEN, "HASH", "S"), (sagas::OPEN_SINCE, "RANGE", "N")];
    for (name, _, kind) in key {
        let attribute = json!({"AttributeName": name, "AttributeType": kind});
        table["AttributeDefinitions"]
            .as_array_mut()
            .into_iter()
            .for_each(|a| a.push(attribute.clone()));
    }
    let schema = key.map(|(name, kind, _)| json!({"AttributeName": name, "KeyType": kind}));
    table["GlobalSecondaryIndexes"] = json!([{
        "IndexName": sagas::BY_AGE, "KeySchema": schema,
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }]);
}

/// A request of dynoxide's from its JSON.
fn request<T: for<'de> serde::Deserialize<'de>>(json: Value) -> T {
    serde_json::from_value(json).expect("a request that dynoxide reads")
}

/// The key attributes of an item of a table.
pub(crate) fn key_of(table: &str, item: &Value) -> Value {
    let (_, key) = TABLES.into_iter().find(|(name, _)| *name == table).expect("a known table");
    key.iter().map(|(name, _)| ((*name).to_owned(), item[name].clone())).collect()
}

/// The partition key of an item of a table.
pub(crate) fn partition_of(table: &str, item: &Value) -> String {
    let known = TABLES.into_iter().find(|(name, _)| *name == table);
    let partition = known.and_then(|(_, key)| key.first());
    partition.map(|(name, _)| text(item, name).to_owned()).unwrap_or_default()
}

/// The item of a key, `null` if there is none.
pub(crate) fn get(database: &Database, table: &str, key: &Value) -> Value {
    let get = json!({"TableName": table, "Key": key, "ConsistentRead": true});
    let answer = database.get_item(request(get)).expect("an item");
    serde_json::to_value(answer).expect("JSON")["Item"].take()
}

/// Puts an item.
pub(crate) fn put(database: &Database, table: &str, item: Value) {
    database.put_item(request(json!({"TableName": table, "Item": item}))).expect("a put");
}

/// Every item of a table.
pub(crate) fn scan(database: &Database, table: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut start = Value::Null;
    loop {
        let mut scan = json!({"TableName": table, "ConsistentRead": true});
        if !start.is_null() {
            scan["ExclusiveStartKey"] = start;
        }
        let answer = database.scan(request(scan)).expect("a scan");
        let mut answer = serde_json::to_value(answer).expect("JSON");
        items.extend(answer["Items"].as_array_mut().map(std::mem::take).unwrap_or_default());
        start = answer["LastEvaluatedKey"].take();
        if start.is_null() {
            return items;
        }
    }
}

/// A text attribute of an item; empty when there is none.
pub(crate) fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name]["S"].as_str().unwrap_or_default()
}

/// A number attribute of an item.
pub(crate) fn number(item: &Value, name: &str) -> Option<i64> {
    item[name]["N"].as_str()?.parse().ok()
}
