//! A message that can't be handled ends in the dead-letter queue, holds up no other, and has a way back.

use aws_sdk_sqs::types::Message;
use serde_json::{Value, json};
use system_tests::{Store, eventually, unique};

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_message_goes_straight_to_its_dead_letter_queue_and_delays_nothing_else() {
    let store = Store::given(&[]).await;
    let (customer, sku) = (unique("cust"), unique("mug"));
    store.customer(&customer).await;
    store.stock(&sku, 1000).await;
    // Once this one is mailed the customer is known, and no mail waits for that any more.
    let first = store.order(&customer, &sku, 1).await;
    store.settled(&first).await;
    let dead_before = store.aws.depth("AnalyticsDeadLetters").await;
    let poison = format!(r#"{{"eventType":"OrderPlaced", "{sku}" is not JSON"#);

    let mut orders = Vec::new();
    for n in 0..30 {
        if n % 10 == 5 {
            store.aws.send("AnalyticsQueue", &poison).await;
        }
        orders.push(store.order(&customer, &sku, 1).await);
    }

    for order in orders {
        let trace = store.settled(&order).await;
        for consumer in trace["events"][0]["consumers"].as_array().expect("consumers") {
            let first = (&json!("done"), &json!(1));
            assert_eq!((&consumer["outcome"], &consumer["attempts"]), first, "{consumer}");
        }
    }
    let is_poison = |message: &Message| message.body() == Some(poison.as_str());
    let dead = store.aws.receive_that("AnalyticsDeadLetters", is_poison).await;
    let attributes = dead.message_attributes().expect("what is known of the failure");
    let error = attributes["fanfare.error"].string_value().expect("a text");
    assert!(error.starts_with("the message is not an event: not an event envelope: "), "{error}");
    assert_eq!(attributes["fanfare.consumer"].string_value(), Some("analytics"));
    store.aws.drained("AnalyticsQueue").await;
    assert_eq!(store.aws.depth("AnalyticsDeadLetters").await, dead_before + 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_failing_goes_to_its_dead_letter_queue_and_succeeds_once_redriven() {
    let store = Store::given(&["MaxTries=5"]).await;
    let (order, sku) = (unique("ord"), unique("mug"));
    store.stock(&sku, 5).await;
    let failed_before = failed_deliveries(&store, "InventoryFunction").await;
    // It is said to have left before anybody heard of it.
    let shipped = json!({"orderId": order, "customerId": "cust_1", "pieces": 2});
    let shipped = envelope("OrderShipped", &order, &shipped);
    store.aws.send("InventoryQueue", &shipped).await;

    let record = async || in_ledger(&store, &format!("inventory#evt_OrderShipped_{order}")).await;
    let is = |outcome: &'static str| move |record: &Value| record["outcome"] == outcome;
    let given_up = eventually("it to be given up", record, is("dead-lettered")).await;

    assert_eq!((&given_up["attempts"], &given_up["error"]), (&json!(5), &json!(NOTHING_RESERVED)));
    let is_ours = |message: &Message| message.body() == Some(shipped.as_str());
    store.aws.receive_that("InventoryDeadLetters", is_ours).await;
    // Nobody but the runner counts deliveries.
    if store.is_here() {
        let failed = failed_deliveries(&store, "InventoryFunction").await - failed_before;
        assert_eq!(failed, 4, "the last one is in the dead-letter queue, and so done with");
    }

    // Redriven once its cause is mended, it is as if nothing had happened.
    let line = json!({"sku": sku, "quantity": 2, "unitPrice": 100});
    let placed = json!({"orderId": order, "customerId": "cust_1", "items": [line], "totalAmount": 200, "currency": "EUR"});
    store.aws.send("InventoryQueue", &envelope("OrderPlaced", &order, &placed)).await;
    let path = format!("/inventory/{sku}");
    let stock = async || store.api.get(&path).await.body;
    eventually("the reservation", stock, |stock| stock["reserved"] == 2).await;
    store.aws.redrive("InventoryDeadLetters", "InventoryQueue", is_ours).await;
    eventually("the dispatch", stock, |stock| stock["onHand"] == 3 && stock["reserved"] == 0).await;
    eventually("its record", record, is("done")).await;
}

/// What inventory says of an order that it has not heard of.
const NOTHING_RESERVED: &str = "nothing is reserved yet";

fn envelope(event_type: &str, order: &str, payload: &Value) -> String {
    let id = format!("evt_{event_type}_{order}");
    let timestamp = "2026-01-15T10:30:00Z";
    json!({"eventType": event_type, "eventId": id, "timestamp": timestamp, "payload": payload})
        .to_string()
}

/// A record of the ledger; null when there is none.
async fn in_ledger(store: &Store, id: &str) -> Value {
    let records = store.aws.items("LedgerTable").await;
    records.into_iter().find(|record| record["id"] == id).unwrap_or_default()
}

/// How many records a function has failed, every delivery counted.
async fn failed_deliveries(store: &Store, function: &str) -> u64 {
    let statistics = store.runner.get("/_fanfare/stats").await.body;
    let mappings = statistics["mappings"].as_array().cloned().unwrap_or_default();
    let of_function = mappings.iter().filter(|mapping| mapping["function"] == function);
    of_function.filter_map(|mapping| mapping["failedRecords"].as_u64()).sum()
}
