//! A message that can't be handled ends in the dead-letter queue, and holds up no other.

use serde_json::json;
use system_tests::{Answer, Store, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_message_goes_straight_to_its_dead_letter_queue_and_delays_nothing_else() {
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    store.stock("mug", 1000).await;
    // Once this one is mailed the customer is known, and no mail waits for that any more.
    let first = store.order("cust_1", "mug", 1).await;
    store.settled(&first).await;
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
            let first = (&json!("done"), &json!(1));
            assert_eq!((&consumer["outcome"], &consumer["attempts"]), first, "{consumer}");
        }
    }
    let dead = store.aws.receive("AnalyticsDeadLetters").await;
    assert_eq!(dead.body(), Some(poison));
    let attributes = dead.message_attributes().expect("what is known of the failure");
    let error = attributes["fanfare.error"].string_value().expect("a text");
    assert!(error.starts_with("the message is not an event: not an event envelope: "), "{error}");
    assert_eq!(attributes["fanfare.consumer"].string_value(), Some("analytics"));
    store.aws.drained("AnalyticsQueue").await;
    assert_eq!(store.aws.depth("AnalyticsDeadLetters").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_keeps_failing_goes_to_its_dead_letter_queue_after_max_receive_count() {
    let store = Store::start(&["--parameter", "MaxReceiveCount=5"]).await;
    let order = store.order("cust_unknown", "none", 1).await;

    let path = format!("/orders/{order}/trace");
    let look = async || store.api.get(&path).await;
    let is_dead =
        |answer: &Answer| answer.body["events"][0]["consumers"][0]["outcome"] == "dead-lettered";
    let trace = eventually("the mail to be given up", look, is_dead).await.body;

    assert_eq!(trace["events"][0]["consumers"][0]["attempts"], 5, "{trace}");
    let dead = store.aws.receive("EmailDeadLetters").await;
    assert!(dead.body().is_some_and(|body| body.contains(&order)));
    assert_eq!(failed_deliveries(&store, "EmailFunction").await, 5);
}

/// How many records a function has failed, every delivery counted.
async fn failed_deliveries(store: &Store, function: &str) -> u64 {
    let statistics = store.runner.get("/_fanfare/stats").await.body;
    let mappings = statistics["mappings"].as_array().cloned().unwrap_or_default();
    let of_function = mappings.iter().filter(|mapping| mapping["function"] == function);
    of_function.filter_map(|mapping| mapping["failedRecords"].as_u64()).sum()
}
