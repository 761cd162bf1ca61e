//! The operator's commands on the running store.

use serde_json::{Value, json};
use std::process::ExitStatus;
use system_tests::{Process, Store, eventually};

/// Runs an operator's command on a store, and gives how it ended and what it printed as JSON.
async fn operate(store: &Store, arguments: &[&str]) -> (ExitStatus, Value) {
    let target = ["--json", "--endpoint", store.aws.endpoint()];
    asked(&[arguments, &target].concat()).await
}

/// Runs a command, and gives how it ended and what it printed as JSON.
async fn asked(arguments: &[&str]) -> (ExitStatus, Value) {
    let (status, out, err) = Process::start(arguments).end().await;
    let json = serde_json::from_str(&out);
    assert!(json.is_ok(), "no JSON: {out}{err}");
    (status, json.expect("JSON"))
}

fn placed(order: &str) -> String {
    let line = json!({"sku": "mug", "quantity": 1, "unitPrice": 100});
    let payload = json!({"orderId": order, "customerId": "cust_1", "items": [line], "totalAmount": 100, "currency": "EUR"});
    envelope("OrderPlaced", order, &payload)
}

fn shipped(order: &str) -> String {
    envelope("OrderShipped", order, &json!({"orderId": order, "customerId": "cust_1", "pieces": 1}))
}

fn envelope(event_type: &str, order: &str, payload: &Value) -> String {
    let id = format!("evt_{event_type}_{order}");
    let timestamp = "2026-01-15T10:30:00Z";
    json!({"eventType": event_type, "eventId": id, "timestamp": timestamp, "payload": payload})
        .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_seen_by_their_cause_and_applied_once_they_are_redriven() {
    let store = Store::start(&["--parameter", "MaxTries=5"]).await;
    store.stock("mug", 5).await;
    // They are said to have left before anybody heard of their orders.
    for order in ["ord_1", "ord_2"] {
        store.aws.send("InventoryQueue", &shipped(order)).await;
    }
    let look = async || operate(&store, &["dlq", "ls", "inventory"]).await.1;
    let seen = eventually("the dead letters", look, |seen| seen[0]["count"] == 2).await;

    let group = &seen[0]["groups"][0];
    let cause = group["cause"].as_str().expect("a cause");
    assert!(!cause.starts_with("nothing is recorded"), "the ledger knows why: {seen}");
    let name = group["group"].as_str().expect("a name");
    for order in ["ord_1", "ord_2"] {
        store.aws.send("InventoryQueue", &placed(order)).await;
    }
    let stock = async || store.api.get("/inventory/mug").await.body;
    eventually("the reservations", stock, |stock| stock["reserved"] == 2).await;
    let (status, report) = operate(&store, &["dlq", "redrive", "inventory", "--group", name]).await;

    assert!(status.success(), "{report}");
    assert_eq!((&report["counts"]["sent"], &report["counts"]["deleted"]), (&2.into(), &2.into()));
    eventually("the dispatch", stock, |stock| stock["onHand"] == 3 && stock["reserved"] == 0).await;
    let (_, audit) = operate(&store, &["dlq", "audit"]).await;
    assert_eq!((&audit[0]["action"], &audit[0]["outcome"]), (&"redrive".into(), &"done".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_from_the_tables_is_the_api_s() {
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    store.stock("mug", 5).await;
    let order = store.order("cust_1", "mug", 1).await;
    let mut of_api = store.settled(&order).await;

    let (status, mut of_tables) = operate(&store, &["trace", &order]).await;

    assert!(status.success());
    let here = ["--api", store.api.base(), "--endpoint", store.aws.endpoint()];
    let (_, mut by_store) =
        asked(&[&["store", "trace", &order, "--json"], &here[..]].concat()).await;
    assert_eq!((&of_tables["correlationId"], &of_api["orderId"]), (&json!(order), &json!(order)));
    // The one goes by the template's order of consumers, the other by their names.
    for trace in [&mut of_api, &mut of_tables, &mut by_store] {
        for event in trace["events"].as_array_mut().expect("events") {
            let consumers = event["consumers"].as_array_mut().expect("consumers");
            consumers.sort_by_key(|consumer| consumer["consumer"].to_string());
        }
    }
    assert_eq!(of_tables["events"], of_api["events"]);
    assert_eq!(by_store, of_api);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_event_is_about_has_no_trace() {
    let store = Store::start(&[]).await;
    let arguments = ["trace", "ord_unknown", "--endpoint", store.aws.endpoint()];
    let (status, out, err) = Process::start(&arguments).end().await;
    assert_eq!((status.code(), out.as_str()), (Some(1), ""));
    assert_eq!(err, "error: no event is about ord_unknown\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_placed_twice_places_its_orders_once() {
    let store = Store::start(&[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("orders.ndjson");
    let order = |quantity: u32| {
        format!(
            r#"{{"customerId":"cust_1","items":[{{"sku":"mug","quantity":{quantity},"unitPrice":100}}]}}"#
        )
    };
    std::fs::write(&file, [order(1), order(2), order(1)].join("\n")).expect("written");
    let here = ["--api", store.api.base(), "--endpoint", store.aws.endpoint()];
    let arguments = [&["store", "place", file.to_str().expect("UTF-8")], &here[..]].concat();
    store.price("mug", 100).await;

    let (status, first, _) = Process::start(&arguments).end().await;
    assert!(status.success() && first.ends_with("3 placed, 0 refused\n"), "{first}");
    let (_, second, _) = Process::start(&arguments).end().await;
    assert_eq!(first, second, "the same orders");
    let events = store.aws.events().await;
    let placed = events.iter().filter(|event| event.contains(r#""eventType":"OrderPlaced""#));
    assert_eq!(placed.count(), 3);

    std::fs::write(&file, [order(1), order(0)].join("\n")).expect("written");
    let (status, third, _) = Process::start(&arguments).end().await;
    assert_eq!(status.code(), Some(1));
    assert!(third.contains("order 2: refused 400 items[0].quantity: must be 1 to"), "{third}");
}

#[tokio::test(flavor = "multi_thread")]
async fn queues_are_told_with_their_dead_letters() {
    let store = Store::start(&[]).await;
    store.aws.send("AnalyticsQueue", "no JSON").await;

    let look = async || operate(&store, &["queues"]).await.1;
    let of = |lines: &Value, consumer: &str| {
        let lines = lines.as_array().expect("lines").iter();
        lines.filter(|line| line["consumer"] == consumer).cloned().collect::<Vec<_>>()
    };
    let is_dead = |lines: &Value| of(lines, "analytics")[0]["dead"] == 1;
    let lines = eventually("the dead letter", look, is_dead).await;

    assert_eq!(of(&lines, "analytics")[0]["waiting"], 0);
    assert_eq!(of(&lines, "relay")[0].get("queue"), None, "the relay has no queue: {lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_purged_without_a_yes() {
    let store = Store::start(&[]).await;
    store.aws.send("AnalyticsDeadLetters", "no JSON").await;
    let purge =
        ["dlq", "purge", "analytics", "--why", "a test", "--endpoint", store.aws.endpoint()];

    let (status, told, err) = Process::start(&[&purge[..], &["--json"]].concat()).end().await;
    assert_eq!(status.code(), Some(2));
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((&told["consumer"], &told["wouldDelete"]), (&"analytics".into(), &1.into()));
    assert_eq!(err, "error: nothing is deleted: 1 dead letter would be, with --yes\n");
    assert_eq!(store.aws.depth("AnalyticsDeadLetters").await, 1);

    let (status, out, err) = Process::start(&[&purge[..], &["--yes"]].concat()).end().await;
    assert!(status.success() && out.contains("1 deleted"), "{out}{err}");
    assert_eq!(store.aws.depth("AnalyticsDeadLetters").await, 0);
}
