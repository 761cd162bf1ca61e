//! An item of the event table that can't be announced holds up nothing, and somebody hears of it.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::Message;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use system_tests::{Store, eventually};

/// Puts an item into the event table, as the event store never would.
async fn put(store: &Store, stream: &str, envelope: Option<String>) {
    let (dynamodb, _) = store.aws.clients();
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let put = dynamodb.put_item().table_name("fanfare-EventsTable");
    let put = put.item("stream", text(stream)).item("version", AttributeValue::N("1".to_owned()));
    let put = put.item("eventType", text("OrderPlaced"));
    let put = match envelope {
        Some(envelope) => put.item("envelope", text(&envelope)),
        None => put,
    };
    put.send().await.expect("DynamoDB takes it");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sns_will_never_take_is_in_the_relay_s_dead_letter_queue_and_delays_no_order() {
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    store.stock("mug", 100).await;
    let event = json!({"eventId": "evt_large", "payload": "x".repeat(300_000)});

    let before = store.order("cust_1", "mug", 1).await;
    put(&store, "order-large", Some(event.to_string())).await;
    put(&store, "order-empty", Some(String::new())).await;
    put(&store, "order-none", None).await;
    let after = store.order("cust_1", "mug", 1).await;

    store.settled(&before).await;
    store.settled(&after).await;
    let depth = async || store.aws.depth("RelayDeadLetters").await;
    eventually("three letters", depth, |depth| *depth == 3).await;
    let mut letters = BTreeMap::new();
    for stream in ["order-large", "order-empty", "order-none"] {
        let is_about = |letter: &Message| letter.body().is_some_and(|body| body.contains(stream));
        let letter = store.aws.receive_that("RelayDeadLetters", is_about).await;
        let body: Value = serde_json::from_str(letter.body().unwrap_or_default()).expect("JSON");
        let attributes = letter.message_attributes().expect("what is known of the failure");
        assert_eq!(attributes["fanfare.error"].string_value(), body["reason"].as_str());
        letters.insert(body["key"]["stream"].as_str().unwrap_or_default().to_owned(), body);
    }
    let large = &letters["order-large"];
    assert_eq!((&large["key"]["version"], &large["eventId"]), (&json!(1), &json!("evt_large")));
    let reason = large["reason"].as_str().unwrap_or_default();
    assert!(reason.ends_with("SNS takes 262144"), "{large}");
    let refused = letters["order-empty"]["reason"].as_str().unwrap_or_default();
    assert!(refused.starts_with("InvalidParameter"), "{refused}");
    assert_eq!(letters["order-none"]["reason"], "the item holds no event");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_from_an_order_is_its_customer_s() {
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    store.stock("mug", 100).await;

    let order = store.order("cust_1", "mug", 1).await;

    store.settled(&order).await;
    let mut tenants = BTreeMap::new();
    for item in store.aws.items("EventsTable").await {
        let envelope = item["envelope"].as_str().expect("an envelope");
        let envelope: Value = serde_json::from_str(envelope).expect("JSON");
        if envelope["correlationId"] == order.as_str() {
            let event = envelope["eventType"].as_str().expect("a type").to_owned();
            tenants.insert(event, envelope["tenant"].clone());
        }
    }
    // Also of those that name no customer.
    assert!(tenants.contains_key("InventoryReserved"), "{tenants:?}");
    assert!(tenants.values().all(|tenant| tenant == "cust_1"), "{tenants:?}");
}
