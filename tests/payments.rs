//! Money on the real processes, with a gateway that misbehaves: nobody pays twice, or for what they do not get.

use payment_sandbox::{Charge, KEY, Sandbox};
use serde_json::json;
use system_tests::{Store, eventually};

/// A store of five mugs that pays at a gateway of the test's own.
struct Shop {
    store: Store,
    gateway: Sandbox,
}

impl Shop {
    async fn open() -> Self {
        let gateway = Sandbox::start().await.expect("a free port");
        let (url, key) =
            (format!("PaymentGatewayUrl={}", gateway.url()), format!("PaymentKey={KEY}"));
        let store = Store::start(&["--parameter", &url, "--parameter", &key]).await;
        store.customer("cust_ada").await;
        store.stock("mug", 5).await;
        Self { store, gateway }
    }

    /// Orders a mug at a price whose last two digits say how the gateway misbehaves.
    async fn order(&self, price: u64) -> String {
        self.store.price("mug", price).await;
        let line = json!({"sku": "mug", "quantity": 1, "unitPrice": price});
        let body = json!({"customerId": "cust_ada", "currency": "EUR", "items": [line]});
        let answer = self.store.api.post("/orders", body).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.body["orderId"].as_str().expect("an order id").to_owned()
    }

    /// What was captured and refunded in all.
    fn moved(&self) -> (u64, u64) {
        let charges = self.gateway.charges();
        let sum = |of: fn(&Charge) -> u64| charges.iter().map(of).sum();
        (sum(|charge| charge.captured), sum(|charge| charge.refunded))
    }

    /// How an order ended once every consumer has dealt with every event of it.
    async fn end(&self, order: &str) -> String {
        let look = async || self.store.api.get(&format!("/orders/{order}")).await.body;
        let is_over = |status: &str| ["shipped", "cancelled"].contains(&status);
        eventually("the end", look, |order| order["status"].as_str().is_some_and(is_over)).await;
        self.store.settled(order).await;
        look().await["status"].as_str().unwrap_or_default().to_owned()
    }

    /// How many mugs are on hand, and how many of them set aside.
    async fn mugs(&self) -> (u64, u64) {
        let stock = self.store.api.get("/inventory/mug").await.body;
        let count = |name: &str| stock[name].as_u64().expect("a count");
        (count("onHand"), count("reserved"))
    }

    /// The names of an order's events.
    async fn events(&self, order: &str) -> Vec<String> {
        let body = self.store.api.get(&format!("/orders/{order}/events")).await.body;
        let events = body["events"].as_array().cloned().unwrap_or_default();
        let names = events.iter().filter_map(|event| event["eventType"].as_str());
        names.map(str::to_owned).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_order_is_cancelled_and_its_stock_released() {
    let shop = Shop::open().await;

    let order = shop.order(2502).await;

    assert_eq!(shop.end(&order).await, "cancelled");
    assert_eq!((shop.moved(), shop.mugs().await), ((0, 0), (5, 0)));
    let events = shop.events(&order).await;
    assert!(events.contains(&"PaymentFailed".to_owned()), "{events:?}");
    assert!(events.contains(&"InventoryReleased".to_owned()), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_whose_connection_is_dropped_is_made_once() {
    let shop = Shop::open().await;

    let order = shop.order(2510).await;

    assert_eq!(shop.end(&order).await, "shipped");
    assert_eq!((shop.moved(), shop.mugs().await), ((2510, 0), (4, 0)));
    assert_eq!(shop.gateway.charges().len(), 1, "one intent for one order");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_order_whose_charge_was_not_answered_yet_is_refunded_and_its_stock_released() {
    let shop = Shop::open().await;
    // The charge is made, and its answer takes longer than anybody waits for it.
    let order = shop.order(2508).await;
    eventually("the charge", async || shop.moved(), |moved| *moved == (2508, 0)).await;

    let answer = shop.store.api.post(&format!("/orders/{order}/cancel"), json!({})).await;

    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(shop.end(&order).await, "cancelled");
    eventually("the refund", async || shop.moved(), |moved| *moved == (2508, 2508)).await;
    assert_eq!(shop.mugs().await, (5, 0));
    let sold = shop.store.api.get("/analytics/sales").await.body["total"]["units"].clone();
    assert!(sold.get("mug").is_none(), "{sold}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_cancelled_in_time_is_charged_for_nothing_in_the_end() {
    let shop = Shop::open().await;
    let order = shop.order(2500).await;

    let answer = shop.store.api.post(&format!("/orders/{order}/cancel"), json!({})).await;

    // Whoever is first: it is cancelled and nothing is kept, or it has left and is paid for.
    assert!([202, 409].contains(&answer.status), "{answer:?}");
    let (captured, refunded, left) = match shop.end(&order).await.as_str() {
        "cancelled" => {
            let (captured, _) = shop.moved();
            (captured, captured, 5)
        }
        _ => (2500, 0, 4),
    };
    eventually("the money", async || shop.moved(), |moved| *moved == (captured, refunded)).await;
    assert_eq!(shop.mugs().await, (left, 0));
}
