//! Who may make which call: every route, tried by every kind of caller. The function is called as the front calls it, with what
//! that found out of the caller, so that no header can matter.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use system_tests::Store;

/// What the front says of a caller.
fn callers() -> [(&'static str, Value); 8] {
    let token = |claims: Value| json!({"jwt": {"claims": claims, "scopes": null}});
    let iss = "https://login";
    [
        ("customer", token(json!({"iss": iss, "sub": "cust_1", "scope": "openid"}))),
        ("another", token(json!({"iss": iss, "sub": "cust_2", "scope": "staffing [staff]x"}))),
        ("staff", token(json!({"iss": iss, "sub": "ada", "scope": "openid staff"}))),
        ("machine", json!({"iam": {"userArn": "arn:aws:iam::000000000000:user/till"}})),
        ("nobody", Value::Null),
        ("no subject", token(json!({"iss": iss, "scope": "staff"}))),
        ("no id", token(json!({"iss": iss, "sub": "cust 1|x"}))),
        (
            "pooled",
            json!({"iam": {
                "userArn": "arn:aws:sts::000000000000:assumed-role/users/x",
                "cognitoIdentity": {"amr": [], "identityId": "eu-west-1:1"},
            }}),
        ),
    ]
}

/// Calls the function itself, and gives the status.
async fn call(store: &Store, caller: &Value, method: &str, path: &str, body: &Value) -> u64 {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let query: BTreeMap<_, _> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let event = json!({
        "version": "2.0", "rawPath": path, "queryStringParameters": query, "isBase64Encoded": false,
        // What a caller says of themselves counts for nothing.
        "headers": {
            "idempotency-key": system_tests::unique("key"), "authorization": "Bearer staff",
            "x-amzn-oidc-identity": "staff",
        },
        "body": body.to_string(),
        "requestContext": {"http": {"method": method, "path": path}, "authorizer": caller},
    });
    let answer = store.runner.post("/2015-03-31/functions/api/invocations", event).await.body;
    let status = answer["statusCode"].as_u64();
    assert!(status.is_some(), "{method} {path}: {answer}");
    status.unwrap_or_default()
}

/// Every route with what it answers the customer, another customer, staff and a machine. Whoever is not known gets 403.
fn table(order: &str) -> Vec<(&'static str, String, Value, [u64; 4])> {
    let product = json!({"name": "Mug", "price": 100, "currency": "EUR"});
    let placed = json!({"customerId": "cust_1", "items": [{"sku": "mug", "quantity": 1}]});
    let customer = json!({"name": "Ada", "email": "ada@example.com"});
    let of_order = |rest: &str| format!("/orders/{order}{rest}");
    let nothing = Value::Null;
    let own = |rest: &str| ("GET", of_order(rest), Value::Null, [200, 404, 200, 200]);
    let nowhere = "/orders/ord_unknown".to_owned();
    vec![
        ("GET", "/health".to_owned(), nothing.clone(), [200, 200, 200, 200]),
        ("GET", "/products".to_owned(), nothing.clone(), [200, 200, 200, 200]),
        ("GET", "/products/mug".to_owned(), nothing.clone(), [200, 200, 200, 200]),
        ("PUT", "/products/mug".to_owned(), product, [403, 403, 200, 200]),
        ("PUT", "/inventory/mug".to_owned(), json!({"onHand": 500}), [403, 403, 200, 200]),
        ("GET", "/inventory/mug".to_owned(), nothing.clone(), [403, 403, 200, 200]),
        ("PUT", "/customers/cust_1".to_owned(), customer, [202, 403, 202, 202]),
        ("GET", "/customers/cust_1/orders".to_owned(), nothing.clone(), [200, 403, 200, 200]),
        ("POST", "/orders".to_owned(), placed, [202, 403, 202, 202]),
        own(""),
        own("?at=2999-01-01T00:00:00Z"),
        own("/events"),
        own("/summary"),
        own("/trace"),
        // It has been shipped by now.
        ("POST", of_order("/cancel"), json!({}), [409, 404, 409, 409]),
        ("GET", nowhere.clone(), nothing.clone(), [404, 404, 404, 404]),
        ("POST", format!("{nowhere}/cancel"), json!({}), [404, 404, 404, 404]),
        ("GET", "/analytics/sales".to_owned(), nothing.clone(), [403, 403, 200, 200]),
        ("GET", "/analytics/statuses".to_owned(), nothing, [403, 403, 200, 200]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_for_those_whom_the_table_says() {
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    store.stock("mug", 500).await;
    let order = store.order("cust_1", "mug", 1).await;
    store.settled(&order).await;

    for (method, path, body, expected) in table(&order) {
        for (n, (name, caller)) in callers().iter().enumerate() {
            let status = call(&store, caller, method, &path, &body).await;
            let wanted = expected.get(n).copied().unwrap_or(403);
            assert_eq!(status, wanted, "{method} {path} by {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_lists_and_places_is_their_own() {
    let store = Store::start(&[]).await;
    store.stock("mug", 10).await;
    // Mails wait for an address.
    store.customer("cust_ada").await;
    let (ada, bob) = (store.api_of("cust_ada").await, store.api_of("cust_bob").await);
    store.price("mug", 100).await;
    let body = json!({"items": [{"sku": "mug", "quantity": 1, "unitPrice": 100}]});
    let key = [("idempotency-key", "1")];

    let placed = ada.call(http::Method::POST, "/orders", &key, body.to_string()).await;
    let of_bob = bob.call(http::Method::POST, "/orders", &key, body.to_string()).await;

    assert_eq!((placed.status, of_bob.status), (202, 202), "{placed:?} {of_bob:?}");
    assert_ne!(placed.body["orderId"], of_bob.body["orderId"], "a key is its caller's own");
    let order = placed.body["orderId"].as_str().expect("an id").to_owned();
    assert_eq!(ada.get(&format!("/orders/{order}")).await.body["customerId"], "cust_ada");
    let (hidden, absent) =
        (bob.get(&format!("/orders/{order}")).await, bob.get("/orders/ord_nothing").await);
    let detail = |answer: &system_tests::Answer| answer.body["detail"].to_string();
    assert_eq!(detail(&hidden).replace(&order, ""), detail(&absent).replace("ord_nothing", ""));
    store.settled(&order).await;
    let look = async || ada.get("/customers/cust_ada/orders").await.body["orders"].clone();
    let own = system_tests::eventually("the list", look, |orders| orders[0].is_object()).await;
    assert_eq!(own.as_array().map(Vec::len), Some(1), "{own}");
}
