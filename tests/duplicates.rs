//! Every event again, several times over, by every way there is: nothing changes.

use serde_json::Value;
use std::collections::BTreeMap;
use system_tests::Store;

const CONSUMERS: [&str; 4] = ["Email", "Inventory", "Shipping", "Analytics"];
const TABLES: [&str; 5] =
    ["EventsTable", "EmailTable", "StockTable", "ShipmentsTable", "SalesTable"];

/// The key attributes of all tables.
const KEYS: [&str; 7] = ["stream", "version", "id", "sku", "orderId", "day", "figure"];

/// All that the consumers keep, by table and key, and the mails that were sent.
async fn snapshot(store: &Store) -> BTreeMap<String, Value> {
    let mut items = BTreeMap::new();
    for table in TABLES {
        for item in store.aws.items(table).await {
            let key: Vec<_> = KEYS.iter().filter_map(|key| item.get(key)).collect();
            items.insert(format!("{table} {key:?}"), item);
        }
    }
    items.insert("mailbox".to_owned(), store.runner.get("/_fanfare/mailbox").await.body);
    items
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_changes_nothing() {
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    store.stock("mug", 5).await;
    for _ in 0..4 {
        let order = store.order("cust_1", "mug", 2).await;
        store.settled(&order).await;
    }
    let before = snapshot(&store).await;

    for envelope in store.aws.events().await {
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
        assert_eq!(store.aws.depth(&format!("{consumer}DeadLetters")).await, 0);
    }

    assert!(before.len() > 20, "{before:?}");
    assert_eq!(snapshot(&store).await, before);
}
