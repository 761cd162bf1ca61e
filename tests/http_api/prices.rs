//! Prices are the catalogue's.

use crate::calls::place;
use http::Method;
use serde_json::{Value, json};
use system_tests::Store;

fn order(price: u64) -> Value {
    let line = json!({"sku": "mug", "quantity": 2, "unitPrice": price});
    json!({"customerId": "cust_1", "items": [line]})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_at_a_price_of_yesterday_is_refused_with_today_s() {
    let store = Store::start(&[]).await;
    store.price("mug", 1250).await;
    let first = place(&store, "key-1", &order(1250)).await;
    assert_eq!(first.status, 202, "{first:?}");

    store.price("mug", 1300).await;

    let refused = place(&store, "key-2", &order(1250)).await;
    assert_eq!((refused.status, &refused.body["title"]), (409, &json!("Price changed")));
    let changed = json!([
        {"sku": "mug", "seen": {"price": 1250}, "today": {"price": 1300, "currency": "EUR"}}
    ]);
    assert_eq!(refused.body["changed"], changed);
    let repeated = place(&store, "key-1", &order(1250)).await;
    assert_eq!(repeated.body["orderId"], first.body["orderId"], "what is placed stays placed");
    let id = first.body["orderId"].as_str().expect("an id");
    assert_eq!(store.api.get(&format!("/orders/{id}")).await.body["totalAmount"], 2500);
    let unknown = json!({"customerId": "cust_1", "items": [{"sku": "sofa", "quantity": 1}]});
    let unknown = place(&store, "key-3", &unknown).await;
    assert_eq!((unknown.status, &unknown.body["unknown"]), (422, &json!(["sofa"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_is_shown_page_by_page() {
    let store = Store::start(&[]).await;
    for n in 0..7 {
        store.price(&format!("sku-{n}"), n).await;
    }
    let (mut seen, mut query) = (Vec::new(), "?limit=3".to_owned());
    loop {
        let page = store.api.get(&format!("/products{query}")).await.body;
        let products = page["products"].as_array().expect("products");
        assert!(products.len() <= 3);
        seen.extend(products.iter().map(|product| product["sku"].to_string()));
        match page["next"].as_str() {
            Some(next) => query = format!("?limit=3&cursor={next}"),
            None => break,
        }
    }
    seen.sort();
    assert_eq!(seen.len(), 7, "{seen:?}");
    seen.dedup();
    assert_eq!(seen.len(), 7, "{seen:?}");
    let one = store.api.get("/products/sku-3").await.body;
    assert_eq!(one, json!({"sku": "sku-3", "name": "sku-3", "price": 3, "currency": "EUR"}));
    assert_eq!(store.api.get("/products/sku-9").await.status, 404);
    for (body, field) in [
        (json!({"name": "a\u{202e}b", "price": 1, "currency": "EUR"}), "name"),
        (json!({"name": "a", "price": 1_u64 << 60, "currency": "EUR"}), "price"),
        (json!({"name": "a", "price": 1, "currency": "euro"}), "currency"),
        (json!({"name": "a", "price": "1", "currency": "EUR"}), "price"),
    ] {
        let refused = store.api.put("/products/sku-1", body.clone()).await;
        assert_eq!((refused.status, &refused.body["field"]), (400, &json!(field)), "{body}");
    }
    let method = store.api.call(Method::DELETE, "/products/sku-1", &[], "").await;
    assert_eq!(method.status, 405);
}
