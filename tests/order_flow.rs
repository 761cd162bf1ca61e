//! Many orders at once: every consumer's state adds up.

use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use system_tests::{Store, eventually, unique};

const CONSUMERS: [&str; 7] =
    ["Email", "Inventory", "Payment", "Checkout", "Shipping", "Analytics", "Views"];
const ORDERS: u64 = 160;
const CLIENTS: usize = 16;
/// Fewer than are asked for, so that some orders must go without.
const SCARCE: u64 = 50;

fn consumption<'a>(trace: &'a Value, consumer: &str) -> &'a Value {
    let consumers = trace["events"][0]["consumers"].as_array().expect("consumers");
    consumers.iter().find(|c| c["consumer"] == consumer).expect("the consumer is subscribed")
}

/// What the sales figures and the dead-letter queues show, which count for the whole store.
async fn figures(store: &Store) -> (Value, Vec<u64>) {
    let mut dead = Vec::new();
    for consumer in CONSUMERS {
        dead.push(store.aws.depth(&format!("{consumer}DeadLetters")).await);
    }
    (store.api.get("/analytics/sales").await.body["total"].clone(), dead)
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_many_clients_add_up_at_every_consumer() {
    let store = Store::given(&[]).await;
    let (customer, plenty, scarce) = (unique("cust"), unique("plenty"), unique("scarce"));
    store.customer(&customer).await;
    store.stock(&plenty, 10_000).await;
    store.stock(&scarce, SCARCE).await;
    let (sold_before, dead_before) = figures(&store).await;

    // Every fourth order is for the scarce SKU, 2 pieces each: 40 orders for 25 pairs.
    let orders: Vec<(u64, String)> = stream::iter(0..ORDERS)
        .map(|n| {
            let (store, customer) = (&store, &customer);
            let sku = if n % 4 == 0 { &scarce } else { &plenty };
            async move { (n, store.order(customer, sku, 2).await) }
        })
        .buffer_unordered(CLIENTS)
        .collect()
        .await;
    let mut short = 0;
    for (n, order) in &orders {
        let trace = store.settled(order).await;
        for consumer in CONSUMERS {
            let consumer = consumer.to_lowercase();
            assert_eq!(consumption(&trace, &consumer)["outcome"], "done", "{trace}");
        }
        let did = consumption(&trace, "inventory")["did"].as_str().expect("says what it did");
        let shown = store.api.get(&format!("/orders/{order}")).await.body;
        if did == format!("short of {scarce}") {
            assert_eq!(n % 4, 0);
            assert_eq!(shown["status"], "cancelled", "{shown}");
            short += 1;
        } else {
            assert_eq!(did, "reserved 2");
            assert_eq!(shown["status"], "shipped", "{shown}");
        }
    }

    assert_eq!(short, ORDERS / 4 - SCARCE / 2);
    let stock = store.api.get(&format!("/inventory/{scarce}")).await.body;
    let expected = json!({"sku": scarce, "onHand": 0, "reserved": 0, "available": 0});
    assert_eq!(stock, expected);
    let stock = store.api.get(&format!("/inventory/{plenty}")).await.body;
    let left = 10_000 - ORDERS / 4 * 3 * 2;
    assert_eq!((&stock["onHand"], &stock["reserved"]), (&json!(left), &json!(0)));

    let shipments = store.aws.items("ShipmentsTable").await;
    let shipped: BTreeSet<&str> = shipments.iter().filter_map(|s| s["orderId"].as_str()).collect();
    assert!(orders.iter().all(|(_, order)| shipped.contains(order.as_str())));
    let mails = store.mailbox().await;
    let to = Store::address(&customer);
    // Received, confirmed and shipped; or received and cancelled.
    let wanted = (ORDERS - short) * 3 + short * 2;
    assert_eq!(mails.iter().filter(|mail| mail.to == to).count() as u64, wanted);

    let (sold, dead) = figures(&store).await;
    let more = |figure: &str| {
        let count = |sales: &Value| sales.pointer(figure).and_then(Value::as_u64).unwrap_or(0);
        count(&sold) - count(&sold_before)
    };
    assert_eq!(more("/orders"), ORDERS);
    assert_eq!(more("/money/EUR/ordered"), ORDERS * 2 * 100);
    assert_eq!(more("/money/EUR/captured"), (ORDERS - short) * 2 * 100);
    assert_eq!(more("/funnel/shipped"), ORDERS - short);
    assert_eq!(more("/funnel/cancelled:out-of-stock"), short);
    assert_eq!(sold["units"][&plenty], json!(ORDERS / 4 * 3 * 2));
    assert_eq!(sold["units"][&scarce], json!(SCARCE));
    assert_eq!(dead, dead_before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_overtakes_its_customer_is_mailed_once_the_customer_is_known() {
    let store = Store::given(&[]).await;
    let customer = unique("cust_late");
    let order = store.order(&customer, "none", 1).await;
    let failed = async || {
        let trace = store.api.get(&format!("/orders/{order}/trace")).await.body;
        consumption(&trace, "email")["outcome"].clone()
    };
    eventually("a first try of the mail", failed, |outcome| outcome == "failed").await;

    store.customer(&customer).await;

    let trace = store.settled(&order).await;
    let mail = consumption(&trace, "email");
    assert_eq!((&mail["outcome"], &mail["did"]), (&json!("done"), &json!("mailed \"received\"")));
    assert!(mail["attempts"].as_u64() > Some(1), "{mail}");
}
