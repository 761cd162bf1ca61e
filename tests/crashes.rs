//! `kill -9` of function processes, again and again while orders flow: nothing is lost.

use futures_util::stream::{self, StreamExt};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use system_tests::{Store, eventually};

const ORDERS: u64 = 120;
/// As many calls of the API as are under way at once, so that one invocation more has ended.
const UNDER_WAY: u64 = 4;

#[tokio::test(flavor = "multi_thread")]
async fn killing_functions_loses_nothing() {
    // A batch whose function died comes back when its visibility timeout is over: a short one, here.
    let short = ["--parameter", "FunctionTimeout=2", "--parameter", "VisibilityTimeout=12"];
    let store = Store::start(&short).await;
    store.customer("cust_1").await;
    store.stock("mug", 10_000).await;
    store.price("mug", 100).await;
    let (done, killed) = (AtomicBool::new(false), AtomicU64::new(0));

    let kill = async {
        while !done.load(Relaxed) {
            for pid in store.function_processes().await {
                store.kill(pid).await;
                killed.fetch_add(1, Relaxed);
                // Kills that come faster than a process starts would only show that nothing runs then.
                let before = store.surviving_invocations().await;
                let worked = async || {
                    done.load(Relaxed) || store.surviving_invocations().await > before + UNDER_WAY
                };
                eventually("something to be done between two kills", worked, |done| *done).await;
            }
        }
    };
    let place = async {
        let orders: Vec<String> = stream::iter(0..ORDERS)
            .map(|n| place_despite_kills(&store, n))
            .buffer_unordered(usize::try_from(UNDER_WAY).expect("small"))
            .collect()
            .await;
        done.store(true, Relaxed);
        orders
    };
    let ((), orders) = tokio::join!(kill, place);

    for order in &orders {
        let trace = store.settled(order).await;
        for consumer in trace["events"][0]["consumers"].as_array().expect("consumers") {
            assert_eq!(consumer["outcome"], "done", "{trace}");
        }
    }
    assert!(killed.load(Relaxed) >= 10, "only {} processes were killed", killed.load(Relaxed));
    let stock = store.api.get("/inventory/mug").await.body;
    assert_eq!((&stock["reserved"], &stock["onHand"]), (&json!(0), &json!(10_000 - ORDERS)));
    let sales = store.api.get("/analytics/sales").await.body["total"].clone();
    assert_eq!(sales["orders"], json!(ORDERS));
    assert_eq!(
        sales["funnel"],
        json!({
            "placed": ORDERS, "reserved": ORDERS, "paid": ORDERS, "confirmed": ORDERS, "shipped": ORDERS,
        })
    );
    let statuses = store.api.get("/analytics/statuses").await.body;
    assert_eq!(statuses["shipped"], json!(ORDERS), "{statuses}");
    assert_eq!(store.aws.items("ShipmentsTable").await.len() as u64, ORDERS);
    let mails = store.aws.items("EmailTable").await;
    let mails =
        mails.iter().filter(|item| item["id"].as_str().is_some_and(|id| id.starts_with("mail#")));
    assert_eq!(mails.count() as u64, ORDERS * 3, "received, confirmed and shipped");
}

/// Places an order, trying again under the same key while the API's process is being killed.
async fn place_despite_kills(store: &Store, n: u64) -> String {
    let line = json!({"sku": "mug", "quantity": 1, "unitPrice": 100});
    let body = json!({"customerId": "cust_1", "items": [line]}).to_string();
    let key = format!("order-{n}");
    let place = async || {
        let headers = [("idempotency-key", key.as_str())];
        store.api.call(http::Method::POST, "/orders", &headers, body.clone()).await
    };
    let answer = eventually("the order to be taken", place, |answer| answer.status == 202).await;
    answer.body["orderId"].as_str().expect("an order id").to_owned()
}
