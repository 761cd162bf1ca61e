//! A message that can never be handled goes to the dead-letter queue, and holds up no other.

use serde_json::json;
use system_tests::Store;

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_message_reaches_its_dead_letter_queue_and_delays_nothing_else() {
    let store = Store::start(&["--parameter", "MaxReceiveCount=6"]).await;
    store.customer("cust_1").await;
    store.stock("mug", 1000).await;
    let poison = r#"{"eventType":"OrderPlaced", this is not JSON"#;

    let mut orders = Vec::new();
    for n in 0..30 {
        if n % 10 == 5 {
            store.aws.send("AnalyticsQueue", poison).await;
        }
        orders.push(store.order("cust_1", "mug", 1).await);
    }

    for order in orders {
        let trace = store.settled(&order).await;
        for consumer in trace["events"][0]["consumers"].as_array().expect("consumers") {
            assert_eq!((&consumer["outcome"], &consumer["attempts"]), (&json!("done"), &json!(1)));
        }
    }
    let dead = store.aws.receive("AnalyticsDeadLetters").await;
    assert_eq!(dead.body(), Some(poison));
    store.aws.drained("AnalyticsQueue").await;
    assert_eq!(store.aws.depth("AnalyticsDeadLetters").await, 3);
    assert_eq!(failed_deliveries(&store, "AnalyticsFunction").await, 3 * 6);
}

/// How many records a function has failed, every delivery counted.
async fn failed_deliveries(store: &Store, function: &str) -> u64 {
    let statistics = store.runner.get("/_fanfare/stats").await.body;
    let mappings = statistics["mappings"].as_array().cloned().unwrap_or_default();
    let of_function = mappings.iter().filter(|mapping| mapping["function"] == function);
    of_function.filter_map(|mapping| mapping["failedRecords"].as_u64()).sum()
}
