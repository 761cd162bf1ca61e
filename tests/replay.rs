//! An order's past: read over HTTP, replayed, rebuilt and exported by the command.

use futures_util::future::join_all;
use serde_json::{Value, json};
use std::process::Output;
use system_tests::{Answer, Store, eventually, program};

/// Runs `fanfare` against the store.
async fn fanfare(store: &Store, arguments: &[&str]) -> Output {
    let mut command = tokio::process::Command::new(program("fanfare"));
    command.args(arguments).args(["--endpoint", store.aws.endpoint()]);
    command.output().await.expect("fanfare runs")
}

/// What it said, if it went well.
#[track_caller]
fn said(output: &Output) -> String {
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{wrong}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn json_of(output: &Output) -> Value {
    serde_json::from_str(&said(output)).expect("JSON")
}

async fn shown(store: &Store, path: &str, status: &str) -> Value {
    let look = async || store.api.get(path).await;
    let is_there = |answer: &Answer| answer.body["status"] == status;
    eventually(&format!("{path} to be {status}"), look, is_there).await.body
}

async fn count(store: &Store, status: &str, wanted: u64) {
    let look = async || store.api.get("/analytics/statuses").await.body[status].as_u64();
    eventually(&format!("{wanted} {status}"), look, |count| *count == Some(wanted)).await;
}

/// Every page of a list, and how many there were.
async fn pages(store: &Store, path: &str, list: &str) -> (Vec<Value>, usize) {
    let (mut all, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let answer = store.api.get(&format!("{path}?limit=2{cursor}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        pages += 1;
        all.extend(answer.body[list].as_array().expect("a list").iter().cloned());
        match answer.body["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (all, pages),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_s_whole_life_can_be_read() {
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    store.stock("mug", 10).await;
    let order = store.order("cust_1", "mug", 1).await;
    let now = shown(&store, &format!("/orders/{order}"), "shipped").await;
    // More happens after an order has left.
    store.settled(&order).await;

    let path = format!("/orders/{order}/events");
    let (events, pages_read) = pages(&store, &path, "events").await;
    assert_eq!(events[0]["eventType"], "OrderPlaced");
    assert!(pages_read > 2 && events.len() >= 6, "{events:?}");
    let times: Vec<_> = events.iter().map(|event| event["timestamp"].as_str()).collect();
    assert!(times.is_sorted(), "{times:?}");
    let whole = store.api.get(&path).await.body;
    assert_eq!(whole["events"].as_array(), Some(&events));

    let placed_at = now["placedAt"].as_str().expect("a time");
    let then = store.api.get(&format!("/orders/{order}?at={placed_at}")).await;
    assert_eq!((then.status, &then.body["status"]), (200, &json!("placed")));
    for (query, status, field) in [
        ("?at=2020-01-01T00:00:00Z", 404, Value::Null),
        ("?at=yesterday", 400, json!("at")),
        ("/events?cursor=sideways", 400, json!("cursor")),
        ("/events?limit=0", 400, json!("limit")),
    ] {
        let refused = store.api.get(&format!("/orders/{order}{query}")).await;
        assert_eq!((refused.status, &refused.body["field"]), (status, &field), "{query}");
    }
    for path in ["/orders/ord_none/events", "/orders/ord_none/summary", "/customers/none/orders"] {
        assert_eq!(store.api.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_s_orders_are_shown_newest_first_under_the_name_that_they_have_now() {
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    store.stock("mug", 10).await;
    let mut orders = Vec::new();
    for _ in 0..5 {
        orders.push(store.order("cust_1", "mug", 1).await);
    }
    let last = orders.last().expect("five").clone();
    count(&store, "shipped", 5).await;
    orders.reverse();
    let (listed, pages_read) = pages(&store, "/customers/cust_1/orders", "orders").await;
    let ids: Vec<_> = listed.iter().filter_map(|order| order["orderId"].as_str()).collect();
    assert_eq!((ids, pages_read), (orders.iter().map(String::as_str).collect(), 3));

    let renamed = json!({"name": "Ada Lovelace", "email": "cust_1@example.com"});
    assert_eq!(store.api.put("/customers/cust_1", renamed).await.status, 202);
    let path = format!("/orders/{}/summary", orders[0]);
    let look = async || store.api.get(&path).await.body;
    let is_renamed = |summary: &Value| summary["customerName"] == "Ada Lovelace";
    let summary = eventually("the new name", look, is_renamed).await;
    assert_eq!((&summary["status"], &summary["totalAmount"]), (&json!("shipped"), &json!(100)));
    let list = store.api.get("/customers/cust_1/orders").await.body;
    assert_eq!(list["customerName"], "Ada Lovelace");
    assert!(list["orders"].as_array().expect("orders").iter().all(is_renamed), "{last}: {list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_calls_to_cancel_an_order_ask_for_it_once() {
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    store.stock("mug", 100).await;
    let order = store.order("cust_1", "mug", 1).await;
    let path = format!("/orders/{order}/cancel");
    let answers = join_all((0..12).map(|_| store.api.post(&path, json!({})))).await;

    let is_fine = |answer: &Answer| matches!(answer.status, 202 | 409);
    assert!(answers.iter().all(is_fine), "{answers:?}");
    let accepted: Vec<_> = answers.iter().filter(|answer| answer.status == 202).collect();
    assert!(accepted.windows(2).all(|pair| pair[0].body == pair[1].body), "{answers:?}");
    let events = store.aws.events().await;
    let asked = events.iter().filter(|event| event.contains("OrderCancellationRequested"));
    assert_eq!(asked.count(), usize::from(!accepted.is_empty()));

    let other = store.order("cust_1", "mug", 1).await;
    shown(&store, &format!("/orders/{other}"), "shipped").await;
    let late = store.api.post(&format!("/orders/{other}/cancel"), json!({})).await;
    assert_eq!((late.status, &late.body["field"]), (409, &json!("orderId")));
    assert_eq!(store.api.post("/orders/ord_none/cancel", json!({})).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_rebuilt_replayed_and_exported_by_the_command() {
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    store.stock("mug", 10).await;
    let order = store.order("cust_1", "mug", 1).await;
    count(&store, "shipped", 1).await;
    store.settled(&order).await;
    let path = format!("/orders/{order}/summary");
    let before = store.api.get(&path).await.body;
    let events = store.aws.events().await.len();

    let rebuilt = said(&fanfare(&store, &["store", "views", "rebuild"]).await);
    assert_eq!(rebuilt, format!("the views are made of {events} events (generation 2)\n"));
    assert_eq!(store.api.get(&path).await.body, before);

    let dry = said(&fanfare(&store, &["replay", "--consumer", "shipping", "--dry-run"]).await);
    assert!(dry.contains("OrderPlaced: 1 applied already, not sent"), "{dry}");
    let sent = said(&fanfare(&store, &["replay", "--consumer", "shipping"]).await);
    assert!(sent.contains("OrderPlaced: 1 applied already, not sent"), "{sent}");
    assert!(sent.contains("0 events sent to shipping"), "{sent}");
    store.aws.drained("ShippingQueue").await;
    assert_eq!(store.aws.events().await.len(), events, "a repeat has decided something");
    let sent = json_of(&fanfare(&store, &["replay", "--consumer", "shipping", "--json"]).await);
    let placed = json!({"sent": 0, "forced": 0, "applied": 1, "tooOld": 0});
    assert_eq!((&sent["consumer"], &sent["types"]["OrderPlaced"]), (&json!("shipping"), &placed));
    let forced = fanfare(&store, &["replay", "--consumer", "email", "--force"]).await;
    assert_eq!(forced.status.code(), Some(1));
    let why = String::from_utf8_lossy(&forced.stderr).into_owned();
    assert!(why.contains("it would send every mail again"), "{why}");
    let no_time = fanfare(&store, &["replay", "--consumer", "email", "--from", "noon"]).await;
    assert_eq!(no_time.status.code(), Some(2));

    let lines = said(&fanfare(&store, &["export", "--format", "ndjson", "-"]).await);
    assert_eq!(lines.lines().count(), events);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("events.parquet").display().to_string();
    let wrote = said(&fanfare(&store, &["export", "--format", "parquet", &file]).await);
    assert_eq!(wrote, format!("{events} events in {file}\n"));
    let wrote = fanfare(&store, &["export", "--format", "parquet", &file, "--json"]).await;
    assert_eq!(json_of(&wrote), json!({"events": events, "file": file, "interrupted": false}));
    let rebuilt = json_of(&fanfare(&store, &["store", "views", "rebuild", "--json"]).await);
    assert_eq!((&rebuilt["events"], &rebuilt["generation"]), (&json!(events), &json!(3)));
    let bytes = std::fs::read(&file).expect("the file is there");
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
}
