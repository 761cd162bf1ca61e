//! A message that can't be handled ends in the dead-letter queue, holds up no other, and has a way back.

use aws_sdk_sqs::types::Message;
use serde_json::json;
use system_tests::{Answer, Mail, Store, eventually, unique};

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
    let store = Store::given(&["MaxReceiveCount=5"]).await;
    let customer = unique("cust_unknown");
    let order = store.order(&customer, "none", 1).await;

    let path = format!("/orders/{order}/trace");
    let look = async || store.api.get(&path).await;
    let is_dead =
        |answer: &Answer| answer.body["events"][0]["consumers"][0]["outcome"] == "dead-lettered";
    let trace = eventually("the mail to be given up", look, is_dead).await.body;

    assert_eq!(trace["events"][0]["consumers"][0]["attempts"], 5, "{trace}");
    // There is none of it: the order is cancelled, and that can't be mailed either.
    store.settled(&order).await;
    let is_order = |message: &Message| message.body().is_some_and(|body| body.contains(&order));
    store.aws.receive_that("EmailDeadLetters", is_order).await;
    // Nobody but the runner counts deliveries.
    if store.is_here() {
        assert_eq!(failed_deliveries(&store, "EmailFunction").await, 5 * 2);
    }

    // Redriven once its cause is mended, it is as if nothing had happened.
    store.customer(&customer).await;
    store.aws.redrive("EmailDeadLetters", "EmailQueue", is_order).await;
    store.aws.redrive("EmailDeadLetters", "EmailQueue", is_order).await;
    let mailed = async || store.mailbox().await;
    let address = Store::address(&customer);
    let to_customer =
        |mails: &Vec<_>| mails.iter().filter(|mail: &&Mail| mail.to == address).count();
    eventually("the mails", mailed, |mails| to_customer(mails) == 2).await;
    let trace = store.settled(&order).await;
    let mail = &trace["events"][0]["consumers"][0];
    assert_eq!((&mail["consumer"], &mail["outcome"]), (&json!("email"), &json!("done")), "{trace}");
}

/// How many records a function has failed, every delivery counted.
async fn failed_deliveries(store: &Store, function: &str) -> u64 {
    let statistics = store.runner.get("/_fanfare/stats").await.body;
    let mappings = statistics["mappings"].as_array().cloned().unwrap_or_default();
    let of_function = mappings.iter().filter(|mapping| mapping["function"] == function);
    of_function.filter_map(|mapping| mapping["failedRecords"].as_u64()).sum()
}
