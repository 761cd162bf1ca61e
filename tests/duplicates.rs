//! Every event again, several times over, by every way there is: nothing changes.

use serde_json::Value;
use std::collections::BTreeMap;
use system_tests::{Store, unique};

const CONSUMERS: [&str; 7] =
    ["Email", "Inventory", "Payment", "Checkout", "Shipping", "Analytics", "Views"];
const TABLES: [&str; 8] = [
    "EventsTable",
    "EmailTable",
    "StockTable",
    "PaymentsTable",
    "SagasTable",
    "ShipmentsTable",
    "SalesTable",
    "ViewsTable",
];

/// The key attributes of all tables.
const KEYS: [&str; 9] = ["stream", "version", "id", "sku", "orderId", "day", "figure", "pk", "sk"];

/// All that the consumers keep, by table and key, and the mails that were sent.
async fn snapshot(store: &Store) -> BTreeMap<String, Value> {
    let mut items = BTreeMap::new();
    for table in TABLES {
        for item in store.aws.items(table).await {
            let key: Vec<_> = KEYS.iter().filter_map(|key| item.get(key)).collect();
            items.insert(format!("{table} {key:?}"), item);
        }
    }
    items.insert("mailbox".to_owned(), store.mailbox().await.len().into());
    items
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_changes_nothing() {
    let store = Store::given(&[]).await;
    let (customer, sku) = (unique("cust"), unique("mug"));
    store.customer(&customer).await;
    store.stock(&sku, 5).await;
    for _ in 0..4 {
        let order = store.order(&customer, &sku, 2).await;
        store.settled(&order).await;
    }
    let before = snapshot(&store).await;
    let dead_before = dead_letters(&store).await;

    for envelope in store.aws.events().await {
        if !envelope.contains(&customer) && !envelope.contains(&sku) {
            continue;
        }
        let event: Value = serde_json::from_str(&envelope).expect("an envelope");
        let event_type = event["eventType"].as_str().expect("a type");
        store.aws.publish(event_type, &envelope).await;
        if event_type == "OrderPlaced" {
            for consumer in CONSUMERS {
                store.aws.send(&format!("{consumer}Queue"), &envelope).await;
                store.aws.send(&format!("{consumer}Queue"), &envelope).await;
            }
        }
    }
    for consumer in CONSUMERS {
        store.aws.drained(&format!("{consumer}Queue")).await;
    }

    assert!(before.len() > 20, "{before:?}");
    assert_eq!(snapshot(&store).await, before);
    assert_eq!(dead_letters(&store).await, dead_before);
}

async fn dead_letters(store: &Store) -> Vec<u64> {
    let mut dead = Vec::new();
    for consumer in CONSUMERS {
        dead.push(store.aws.depth(&format!("{consumer}DeadLetters")).await);
    }
    dead
}
