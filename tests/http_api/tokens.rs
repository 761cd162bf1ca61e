//! Tokens of the runner's issuer, at its front.

use serde_json::{Value, json};
use std::process::Command;
use system_tests::{Client, Store, program};

/// What `fanfare token` prints, or complains of.
fn token(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program("fanfare"))
        .arg("token")
        .args(arguments)
        .env_remove("AWS_ENDPOINT_URL")
        .output()
        .expect("fanfare runs");
    let text = |bytes| String::from_utf8(bytes).expect("a text").trim().to_owned();
    match output.status.success() {
        true => Ok(text(output.stdout)),
        false => Err(text(output.stderr)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_brings_no_token_or_a_bad_one_gets_what_api_gateway_answers() {
    let store = Store::start(&[]).await;
    let none = store.api.without_token().get("/products").await;
    assert_eq!((none.status, &none.body), (401, &json!({"message": "Unauthorized"})));
    assert_eq!(none.headers["www-authenticate"], "Bearer");
    let good = store.token(json!({"subject": "cust_1"})).await;
    let mut parts: Vec<_> = good.split('.').collect();
    let forged = store.token(json!({"subject": "staff", "scopes": ["staff"]})).await;
    parts[1] = forged.split('.').nth(1).expect("claims");
    for bad in [parts.join("."), "x".to_owned(), format!("{good}x")] {
        let answer = store.api.with_token(&bad).get("/products").await;
        assert_eq!((answer.status, &answer.body), (401, &json!({"message": "Unauthorized"})));
    }
    assert_eq!(store.api.with_token(&good).get("/products").await.status, 200);
    // A form that a web page could send gets no token.
    let form = [("content-type", "text/plain")];
    let body = json!({"subject": "staff", "scopes": ["staff"]}).to_string();
    let path = "/_fanfare/issuer/token";
    let refused = store.runner.call(http::Method::POST, path, &form, body).await;
    assert_eq!(refused.status, 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_prints_tokens_and_anybody_can_check_them() {
    let store = Store::start(&[]).await;
    let here = ["--endpoint", store.aws.endpoint()];
    let customer = token(&[&["--customer", "cust_1"], &here[..]].concat()).expect("a token");
    let staff = token(&[&["--staff"], &here[..]].concat()).expect("a token");

    let path = "/customers/cust_2/orders";
    assert_eq!(store.api.with_token(&customer).get(path).await.status, 403);
    assert_eq!(store.api.with_token(&staff).get("/analytics/sales").await.status, 200);

    let discovery = "/_fanfare/issuer/.well-known/openid-configuration";
    let about = store.runner.get(discovery).await.body;
    let address = format!("{}/_fanfare/issuer", store.aws.endpoint());
    assert_eq!(about["issuer"], json!(address), "it is found where it says it is");
    let keys = Client::new("").get(about["jwks_uri"].as_str().expect("an address")).await.body;
    let key: &Value = &keys["keys"][0];
    assert_eq!(
        (&key["kty"], &key["alg"], &key["use"]),
        (&json!("RSA"), &json!("RS256"), &json!("sig"))
    );
    assert!(key["kid"].is_string() && key.get("d").is_none(), "{key}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_runner_the_command_says_where_it_looked() {
    let said = token(&["--staff", "--endpoint", "http://127.0.0.1:9"]).expect_err("nobody there");
    assert!(said.contains("http://127.0.0.1:9 does not answer"), "{said}");
    assert!(token(&[]).expect_err("for whom?").contains("--staff"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_runner_takes_who_brings_nothing_for_staff_and_keeps_its_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a path in UTF-8");
    let store = Store::start(&["--open", "--data", data]).await;
    let customer = store.token(json!({"subject": "cust_1"})).await;
    assert_eq!(store.api.without_token().get("/analytics/sales").await.status, 200);
    assert_eq!(store.api.with_token(&customer).get("/analytics/sales").await.status, 403);
    assert_eq!(store.api.with_token("x").get("/products").await.status, 401);
    let (_, _, err) = store.stop().await;
    assert!(err.contains("taken for staff"), "{err}");

    let store = Store::start(&["--data", data]).await;
    let answer = store.api.with_token(&customer).get("/products").await;
    // Its issuer's address has another port by now, since the test takes any.
    assert_eq!(answer.status, 401, "{answer:?}");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &folder.path().join("issuer-key.pem").metadata().expect("a key").permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
}
