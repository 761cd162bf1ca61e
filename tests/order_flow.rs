//! Many orders at once: every consumer's state adds up.

use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use system_tests::{Store, eventually};

const ORDERS: u64 = 160;
const CLIENTS: usize = 16;
/// Fewer than are asked for, so that some orders must go without.
const SCARCE: u64 = 50;

fn consumption<'a>(trace: &'a Value, consumer: &str) -> &'a Value {
    let consumers = trace["events"][0]["consumers"].as_array().expect("consumers");
    consumers.iter().find(|c| c["consumer"] == consumer).expect("the consumer is subscribed")
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_many_clients_add_up_at_every_consumer() {
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    store.stock("plenty", 10_000).await;
    store.stock("scarce", SCARCE).await;

    // Every fourth order is for the scarce SKU, 2 pieces each: 40 orders for 25 pairs.
    let orders: Vec<(u64, String)> = stream::iter(0..ORDERS)
        .map(|n| {
            let store = &store;
            async move {
                let sku = if n % 4 == 0 { "scarce" } else { "plenty" };
                (n, store.order("cust_1", sku, 2).await)
            }
        })
        .buffer_unordered(CLIENTS)
        .collect()
        .await;
    let mut short = 0;
    for (n, order) in &orders {
        let trace = store.settled(order).await;
        for consumer in ["email", "inventory", "shipping", "analytics"] {
            assert_eq!(consumption(&trace, consumer)["outcome"], "done", "{trace}");
        }
        let did = consumption(&trace, "inventory")["did"].as_str().expect("says what it did");
        if did == "short of scarce" {
            assert_eq!(n % 4, 0);
            short += 1;
        } else {
            assert_eq!(did, "reserved 2");
        }
    }

    assert_eq!(short, ORDERS / 4 - SCARCE / 2);
    let stock = store.api.get("/inventory/scarce").await.body;
    let expected = json!({"sku": "scarce", "onHand": SCARCE, "reserved": SCARCE, "available": 0});
    assert_eq!(stock, expected);
    let stock = store.api.get("/inventory/plenty").await.body;
    assert_eq!(stock["reserved"], json!(ORDERS / 4 * 3 * 2));

    assert_eq!(store.aws.items("ShipmentsTable").await.len() as u64, ORDERS);
    let mailbox = store.runner.get("/_fanfare/mailbox").await.body;
    assert_eq!(mailbox.as_array().map(Vec::len), Some(ORDERS as usize));

    let sales = store.api.get("/analytics/sales").await.body["total"].clone();
    let expected = json!({
        "orders": ORDERS,
        "revenue": {"EUR": ORDERS * 2 * 100},
        "units": {"plenty": ORDERS / 4 * 3 * 2, "scarce": ORDERS / 4 * 2},
    });
    assert_eq!(sales, expected);

    let order = store.api.get(&format!("/orders/{}", orders[0].1)).await.body;
    assert_eq!(order["shipment"], "prepared");
    let dead = ["Email", "Inventory", "Shipping", "Analytics"];
    for consumer in dead {
        assert_eq!(store.aws.depth(&format!("{consumer}DeadLetters")).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_overtakes_its_customer_is_mailed_once_the_customer_is_known() {
    let store = Store::start(&[]).await;
    let order = store.order("cust_late", "none", 1).await;
    let failed = async || {
        let trace = store.api.get(&format!("/orders/{order}/trace")).await.body;
        consumption(&trace, "email")["outcome"].clone()
    };
    eventually("a first try of the mail", failed, |outcome| outcome == "failed").await;

    store.customer("cust_late").await;

    let trace = store.settled(&order).await;
    let mail = consumption(&trace, "email");
    assert_eq!((&mail["outcome"], &mail["did"]), (&json!("done"), &json!("mailed \"received\"")));
    assert!(mail["attempts"].as_u64() > Some(1), "{mail}");
}
