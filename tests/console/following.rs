//! An order, from the flow to its timeline to its payload; a poison message, from the flow to its cause and back into its queue.

use crate::browser::{Browser, Window, nothing};
use serde_json::json;
use system_tests::Store;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: make test-console"]
async fn an_order_is_followed_while_the_pages_are_open() {
    let store = Store::start(&["--no-console"]).await;
    store.customer("cust_1").await;
    store.stock("mug", 5).await;
    let browser = Browser::open(&store, Window::default()).await;
    browser.says("main h1", "Flow").await;
    browser.says("#live", "live").await;

    browser.go("/events").await;
    let order = store.order("cust_1", "mug", 1).await;
    // Nobody reloads it.
    browser.says("main table", &order).await;
    store.settled(&order).await;
    browser.says("main table", "OrderConfirmed").await;

    browser.keys("/").await;
    browser.fill("#search", &order).await;
    browser.keys("\u{e007}").await;
    browser.says("main h1", &order).await;
    let page = browser.text("main").await;
    assert!(page.contains("inventory") && page.contains("reserved 1"), "{page}");
    assert!(!page.contains("mug"), "values are hidden: {page}");
    // Back to before the payment: by the slider's keys, as a hand would.
    browser.script("document.getElementById('at').focus()").await;
    browser.keys("\u{e011}").await;
    browser.click("form:has(#at) button").await;
    browser.says("main strong", "after 0 ms").await;
    let page = browser.text("main").await;
    assert!(page.contains("OrderPlaced") && !page.contains("PaymentProcessed"), "{page}");
    browser.go(&format!("/trace?id={order}")).await;
    browser.click("form[action='/trace/values'] button").await;
    browser.says("main", "mug").await;
    browser.go("/audit").await;
    browser.says("main table", "show").await;

    nothing(&browser.complaints().await);
    let base = &browser.base;
    let strange: Vec<String> =
        browser.hosts().await.into_iter().filter(|host| host != base).collect();
    nothing(&strange);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: make test-console"]
async fn a_dead_letter_is_found_by_its_cause_and_redriven_by_keyboard_alone() {
    let store = Store::start(&["--no-console", "--parameter", "MaxTries=5"]).await;
    store.stock("mug", 5).await;
    // It is said to have left before anybody heard of its order.
    store
        .aws
        .send(
            "InventoryQueue",
            &envelope(
                "OrderShipped",
                &json!({"orderId": "ord_1", "customerId": "cust_1", "pieces": 1}),
            ),
        )
        .await;
    let browser = Browser::open(&store, Window::default()).await;
    browser.says(".graph", "1 dead letter").await;

    // From the flow to the failures, their first cause, and its first dead letter.
    browser.keys("gx").await;
    browser.says("main h1", "Failures").await;
    browser.keys("j\u{e007}").await;
    browser.says("main h1", "Failures of inventory").await;
    let line = json!({"sku": "mug", "quantity": 1, "unitPrice": 100});
    let placed = json!({"orderId": "ord_1", "customerId": "cust_1", "items": [line], "totalAmount": 100, "currency": "EUR"});
    store.aws.send("InventoryQueue", &envelope("OrderPlaced", &placed)).await;
    let stock = async || store.api.get("/inventory/mug").await.body;
    system_tests::eventually("the reservation", stock, |stock| stock["reserved"] == 1).await;
    // The box of the first row; then its link is opened.
    browser.keys("j ").await;
    browser.script("document.querySelector('tbody a').focus()").await;
    browser.keys("\u{e007}").await;
    browser.says("main h1", "OrderShipped").await;
    browser.script("document.getElementById('why').focus()").await;
    browser.keys("reserved now\u{e007}").await;

    browser.says("main", "Sent back").await;
    browser.says("main [role=status]", "done").await;
    system_tests::eventually("the dispatch", stock, |stock| stock["onHand"] == 4).await;
    browser.keys("ga").await;
    browser.says("main table", "reserved now").await;
    nothing(&browser.complaints().await);
}

fn envelope(event_type: &str, payload: &serde_json::Value) -> String {
    json!({"eventType": event_type, "eventId": format!("evt_{event_type}"), "timestamp": "2026-01-15T10:30:00Z",
           "correlationId": "ord_1", "payload": payload})
    .to_string()
}
