//! What a refused call leaves in the log: never what the caller sent.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use api::Api;
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use fanfare_bootstrap::Environment;
use http::Method;
use serde_json::json;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// What calls send that nobody else should see.
const PERSONAL: &str = "ada.lovelace-at-home";

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// An API whose tables nobody will ask.
async fn given() -> Api {
    let tables = ["EVENTS", "LEDGER", "PRODUCTS", "STOCK", "SALES", "VIEWS"];
    let tables = tables.map(|table| (format!("{table}_TABLE"), table.to_owned()));
    let others = [("SUBSCRIPTIONS", "email=OrderPlaced"), ("AWS_REGION", "eu-west-1")];
    let others = others.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Api::new(&Environment::from_iter(tables.into_iter().chain(others))).await.unwrap()
}

fn call(method: Method, path: &str, body: &str) -> ApiGatewayV2httpRequest {
    let mut call = ApiGatewayV2httpRequest::default();
    call.request_context.http.method = method;
    call.raw_path = Some(path.to_owned());
    call.body = Some(body.to_owned());
    let claims = json!({"iss": "https://login", "sub": "cust_1", "email": PERSONAL});
    let authorizer = json!({"jwt": {"claims": claims}});
    call.request_context.authorizer = Some(serde_json::from_value(authorizer).unwrap());
    call
}

#[tokio::test]
async fn a_refusal_is_logged_by_its_field_and_without_what_was_sent() {
    let line = |quantity: &str| format!(r#"{{"sku":"mug","quantity":{quantity},"unitPrice":1}}"#);
    let order =
        |rest: &str, line: &str| format!(r#"{{"customerId":"cust_1","items":[{line}]{rest}}}"#);
    let (quoted, post) = (format!("{PERSONAL:?}"), Method::POST);
    let calls = [
        (post.clone(), "/orders", order("", &line(&quoted)), "items[0].quantity"),
        (post.clone(), "/orders", order("", &format!(r#"{{{quoted}:1}}"#)), "items[0]"),
        (post.clone(), "/orders", format!(r#"{{{quoted}:1}}"#), "body"),
        (post.clone(), "/orders", quoted.clone(), "body"),
        (post, "/orders", order(&format!(r#","currency":{quoted}"#), &line("1")), "currency"),
        (Method::PUT, "/customers/cust_1", format!(r#"{{"name":"A","email":{quoted}}}"#), "email"),
        (Method::PUT, "/customers/cust_1", format!(r#"{{"name":{{{quoted}:1}}}}"#), "name"),
        (Method::GET, &format!("/nothing/{PERSONAL}"), String::new(), "404"),
        (Method::GET, &format!("/orders/{PERSONAL} "), String::new(), "orderId"),
    ];
    let api = given().await;
    for (method, path, body, named) in calls {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        let _guard = tracing::subscriber::set_default(subscriber);

        let answer = api.handle(call(method, path, &body)).await;

        assert!((400..500).contains(&answer.status_code), "{body}: {answer:?}");
        let text = log.text();
        assert!(text.contains("refused") && text.contains(named), "{body}: {text}");
        assert!(!text.contains(PERSONAL), "{body}: {text}");
    }
}
