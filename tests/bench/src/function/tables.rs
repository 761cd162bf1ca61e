//! The tables of the functions, as `infra/template.yaml` has them, and one for the floor. The event store's has no
//! stream here: nobody reads it, and a stream costs no write units.

use dynoxide::Database;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) const LEDGER: &str = "ledger";
pub(crate) const EVENTS: &str = "events";
pub(crate) const STOCK: &str = "stock";
pub(crate) const ORDERS: &str = "orders";

/// The tables, with this much of each SKU in stock.
pub(crate) fn create(skus: &[String], pieces: u64) -> Database {
    let database = Database::memory().expect("a database in memory");
    for (name, key) in [(LEDGER, "id"), (STOCK, "sku"), (ORDERS, "id")] {
        create_table(
            &database,
            json!({
                "TableName": name, "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
            }),
        );
    }
    create_table(
        &database,
        json!({
            "TableName": EVENTS, "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [
                {"AttributeName": "stream", "KeyType": "HASH"},
                {"AttributeName": "version", "KeyType": "RANGE"},
            ],
            "AttributeDefinitions": [
                {"AttributeName": "stream", "AttributeType": "S"},
                {"AttributeName": "version", "AttributeType": "N"},
                {"AttributeName": "correlationId", "AttributeType": "S"},
                {"AttributeName": "recordedAt", "AttributeType": "N"},
            ],
            "GlobalSecondaryIndexes": [{
                "IndexName": "byCorrelation",
                "KeySchema": [
                    {"AttributeName": "correlationId", "KeyType": "HASH"},
                    {"AttributeName": "recordedAt", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["envelope"]},
            }],
        }),
    );
    for sku in skus {
        let available = pieces.to_string();
        let item =
            json!({"sku": {"S": sku}, "available": {"N": available}, "reserved": {"N": "0"}});
        let put = request(json!({"TableName": STOCK, "Item": item}));
        database.put_item(put).expect("stock");
    }
    database
}

fn create_table(database: &Database, table: Value) {
    database.create_table(request(table)).expect("a table");
}

/// Pieces set aside, of all SKUs.
pub(crate) fn reserved(database: &Database) -> u64 {
    let stock = database.scan(request(json!({"TableName": STOCK}))).expect("the stock");
    let stock = serde_json::to_value(stock).expect("JSON");
    let items = stock["Items"].as_array().cloned().unwrap_or_default();
    let numbers = items.iter().filter_map(|item| item["reserved"]["N"].as_str());
    numbers.filter_map(|number| number.parse::<u64>().ok()).sum()
}

/// A request of dynoxide's from its JSON.
pub(crate) fn request<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).expect("a request that dynoxide reads")
}
