//! Every event again, several times over, by every way there is: nothing changes.

use serde_json::Value;
use system_tests::Store;

const CONSUMERS: [&str; 4] = ["Email", "Inventory", "Shipping", "Analytics"];
const TABLES: [&str; 5] =
    ["EventsTable", "EmailTable", "StockTable", "ShipmentsTable", "SalesTable"];

/// All that the consumers keep, in an order of its own.
async fn snapshot(store: &Store) -> Vec<String> {
    let mut items = Vec::new();
    for table in TABLES {
        for item in store.aws.items(table).await {
            let mut attributes: Vec<_> = item.iter().map(|(k, v)| format!("{k}={v:?}")).collect();
            attributes.sort();
            items.push(format!("{table}: {}", attributes.join(" ")));
        }
    }
    items.push(store.runner.get("/_fanfare/mailbox").await.body.to_string());
    items.sort();
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

    assert_eq!(snapshot(&store).await, before);
}
