//! Call by call, as staff makes them.

use event_schema::StoreEvent;
use fanfare::{Envelope, Event};
use http::Method;
use read_models::stock::{Counted, Levels};
use serde_json::{Value, json};
use system_tests::{Answer, Store};

fn line(quantity: Value, price: Value) -> Value {
    json!({"sku": "mug", "quantity": quantity, "unitPrice": price})
}

fn order(items: Value) -> Value {
    json!({"customerId": "cust_1", "currency": "EUR", "items": items})
}

fn content_type(answer: &Answer) -> &str {
    answer.headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default()
}

pub(crate) async fn place(store: &Store, key: &str, body: &Value) -> Answer {
    let headers = [("Idempotency-Key", key), ("content-type", "application/json")];
    store.api.call(Method::POST, "/orders", &headers, body.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_answers_as_documented() {
    let store = Store::start(&[]).await;

    let health = store.api.get("/health").await;
    assert_eq!((health.status, &health.body), (200, &json!({"status": "ok"})));

    let customer = json!({"name": "Ada", "email": "ada@example.com"});
    assert_eq!(store.api.put("/customers/cust_1", customer.clone()).await.status, 202);
    assert_eq!(store.api.put("/customers/cust_1", customer).await.status, 202);
    assert_eq!(store.aws.events().await.len(), 1, "the same customer again is no event");
    let moved = json!({"name": "Ada", "email": "new@example.com"});
    assert_eq!(store.api.put("/customers/cust_1", moved).await.status, 202);
    assert!(store.aws.events().await.iter().any(|event| event.contains("CustomerUpdated")));

    let stock = store.api.put("/inventory/mug", json!({"onHand": 5})).await;
    let expected = json!({"sku": "mug", "onHand": 5, "reserved": 0, "available": 5});
    assert_eq!((stock.status, &stock.body), (200, &expected));
    assert_eq!(store.api.get("/inventory/mug").await.body, expected);
    assert_eq!(store.api.get("/inventory/unknown").await.status, 404);

    store.price("mug", 1250).await;
    let placed = store.api.post("/orders", order(json!([line(json!(2), json!(1250))]))).await;
    let id = placed.body["orderId"].as_str().expect("an order id").to_owned();
    assert_eq!((placed.status, &placed.body["status"]), (202, &json!("placed")));
    let location = placed.headers.get("location").and_then(|value| value.to_str().ok());
    assert_eq!(location, Some(format!("/orders/{id}").as_str()));

    let trace = store.settled(&id).await;
    let types = |event: &Value| event["eventType"].as_str().expect("a type").to_owned();
    let mut types: Vec<_> = trace["events"].as_array().expect("events").iter().map(types).collect();
    types.sort();
    let life = [
        "InventoryDispatched",
        "InventoryReserved",
        "OrderConfirmed",
        "OrderPlaced",
        "OrderShipped",
        "PaymentProcessed",
        "ShipmentPrepared",
    ];
    assert_eq!(types, life, "{trace}");
    let shown = store.api.get(&format!("/orders/{id}")).await;
    assert_eq!((shown.status, &shown.body["status"]), (200, &json!("shipped")));
    assert_eq!(
        (&shown.body["totalAmount"], &shown.body["currency"]),
        (&json!(2500), &json!("EUR"))
    );
    for path in ["/orders/ord_unknown", "/orders/ord_unknown/trace", "/nowhere"] {
        assert_eq!(store.api.get(path).await.status, 404, "{path}");
    }

    let sales = store.api.get("/analytics/sales").await;
    assert_eq!((sales.status, &sales.body["total"]["orders"]), (200, &json!(1)));
    let past = store.api.get("/analytics/sales?from=2020-01-01&to=2020-01-31").await;
    assert_eq!((past.status, &past.body["days"]), (200, &json!([])));
    for query in
        ["from=yesterday", "from=2020-02-01&to=2020-01-01", "from=2000-01-01&to=2020-01-01"]
    {
        let refused = store.api.get(&format!("/analytics/sales?{query}")).await;
        assert_eq!((refused.status, &refused.body["field"]), (400, &json!("from")), "{query}");
    }

    let late = store.api.post(&format!("/orders/{id}/cancel"), json!({})).await;
    assert_eq!(late.status, 409, "what is shipped can't be cancelled: {late:?}");
    let left = store.api.get("/inventory/mug").await;
    assert_eq!(left.body, json!({"sku": "mug", "onHand": 3, "reserved": 0, "available": 3}));
    let more = store.api.put("/inventory/mug", json!({"onHand": 9})).await;
    assert_eq!(more.body, json!({"sku": "mug", "onHand": 9, "reserved": 0, "available": 9}));
}

/// The answer to a count is lost, and the count repeated when some are sold already.
#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_is_repeated_after_a_sale_brings_nothing_back_and_the_stock_follows_from_events()
 {
    let store = Store::start(&[]).await;
    let count = async |key: &str, on_hand: u64| {
        let (headers, body) = ([("idempotency-key", key)], json!({"onHand": on_hand}).to_string());
        store.api.call(Method::PUT, "/inventory/mug", &headers, body).await
    };
    store.customer("cust_1").await;
    let first = count("count-1", 5).await;
    let order = store.order("cust_1", "mug", 2).await;
    store.settled(&order).await;

    let again = count("count-1", 5).await;

    assert_eq!((again.status, &again.body), (200, &first.body), "the first call's answer");
    let left = json!({"sku": "mug", "onHand": 3, "reserved": 0, "available": 3});
    assert_eq!(store.api.get("/inventory/mug").await.body, left);
    assert_eq!(count("count-1", 6).await.status, 422, "a key is for one count");
    assert_eq!(count("count-2", 4).await.body["available"], 4);

    let events = store.aws.items("EventsTable").await;
    let mut levels = Levels::default();
    for event in &events {
        let envelope = Envelope::from_json(event["envelope"].as_str().expect("an envelope"));
        let event = Event::<StoreEvent>::from_envelope(&envelope.expect("JSON"));
        levels.add(&event.expect("an event of the store").payload);
    }
    assert_eq!(levels.of("mug"), Counted { available: 4, reserved: 0 });

    let body = json!({"onHand": 9}).to_string();
    let bare = store.api.call(Method::PUT, "/inventory/mug", &[], body).await;
    assert_eq!((bare.status, &bare.body["field"]), (400, &json!("Idempotency-Key")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_places_one_order_however_often_it_is_used() {
    let store = Store::start(&[]).await;
    store.price("mug", 1250).await;
    let body = order(json!([line(json!(1), json!(1250))]));

    let calls = (0..8).map(|_| place(&store, "key-1", &body));
    let answers = futures_util::future::join_all(calls).await;
    // Calls that overlap may be told to come back; each that is taken names the same order.
    let first = place(&store, "key-1", &body).await;
    for answer in answers.iter().filter(|answer| answer.status == 202) {
        assert_eq!(answer.body["orderId"], first.body["orderId"]);
    }
    assert_eq!(first.status, 202);
    let events = store.aws.events().await;
    let placed = events.iter().filter(|event| event.contains(r#""eventType":"OrderPlaced""#));
    assert_eq!(placed.count(), 1);

    let other = place(&store, "key-1", &order(json!([line(json!(2), json!(1250))]))).await;
    assert_eq!((other.status, &other.body["field"]), (422, &json!("Idempotency-Key")));
    assert_eq!(content_type(&other), "application/problem+json");
    let fresh = place(&store, "key-2", &body).await;
    assert_ne!(fresh.body["orderId"], first.body["orderId"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_by_name_and_stores_nothing() {
    let store = Store::start(&[]).await;
    let huge = "x".repeat(257 * 1024);
    let cases = [
        ("not JSON", "body", 400),
        (&order(json!([])).to_string(), "items", 400),
        (&order(json!([line(json!(0), json!(1))])).to_string(), "items[0].quantity", 400),
        (
            &order(json!([line(json!(4_000_000_000_u32), json!(1))])).to_string(),
            "items[0].quantity",
            400,
        ),
        (&order(json!([line(json!(1), json!(-1))])).to_string(), "items[0].unitPrice", 400),
        (&order(json!([line(json!(1), json!(1))])).to_string(), "items[0].sku", 422),
        (
            r#"{"customerId":"c","currency":"XYZ","items":[{"sku":"mug","quantity":1,"unitPrice":1}]}"#,
            "currency",
            400,
        ),
        (&huge, "body", 413),
    ];
    for (body, field, status) in cases {
        let answer = store.api.call(Method::POST, "/orders", &[], body.to_owned()).await;
        let shown: String = body.chars().take(80).collect();
        assert_eq!((answer.status, &answer.body["field"]), (status, &json!(field)), "{shown}");
        assert_eq!(content_type(&answer), "application/problem+json");
        assert_eq!(answer.body["status"], json!(status));
    }
    let not_utf8 = store.api.call(Method::POST, "/orders", &[], vec![0xff, 0xfe]).await;
    assert_eq!((not_utf8.status, &not_utf8.body["field"]), (400, &json!("body")));
    let customer =
        store.api.put("/customers/c", json!({"name": "A\r\nBcc: b", "email": "a@b"})).await;
    assert_eq!((customer.status, &customer.body["field"]), (400, &json!("name")));
    let stock = store.api.put("/inventory/mug", json!({"onHand": -1})).await;
    assert_eq!((stock.status, &stock.body["field"]), (400, &json!("onHand")));
    let method = store.api.call(Method::DELETE, "/orders", &[], "").await;
    assert_eq!(method.status, 405);

    assert_eq!(store.aws.events().await, Vec::<String>::new());
    for table in ["LedgerTable", "StockTable", "EmailTable"] {
        assert!(store.aws.items(table).await.is_empty(), "{table} holds something");
    }
}
