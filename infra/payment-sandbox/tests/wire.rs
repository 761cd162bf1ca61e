//! What the sandbox answers on the wire: the shapes, and the rules of idempotency keys.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use payment_sandbox::{KEY, Sandbox};
use serde_json::{Value, json};

const INTENTS: &str = "/v1/payment_intents";
const ORDER: &str = "amount=2500&currency=eur&payment_method=pm_card_visa&metadata[order_id]=ord_1";

struct Answer {
    status: u16,
    body: Value,
    is_replayed: bool,
}

struct Caller {
    sandbox: Sandbox,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Caller {
    async fn start() -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { sandbox: Sandbox::start().await.unwrap(), client }
    }

    async fn call(&self, method: Method, path: &str, key: Option<&str>, form: &str) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.sandbox.url()))
            .header("authorization", format!("Bearer {KEY}"));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(Full::new(form.to_owned().into())).unwrap();
        let response = self.client.request(request).await.unwrap();
        let status = response.status().as_u16();
        let is_replayed = response.headers().contains_key("idempotent-replayed");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, body: serde_json::from_slice(&body).unwrap(), is_replayed }
    }

    async fn post(&self, path: &str, key: &str, form: &str) -> Answer {
        self.call(Method::POST, path, Some(key), form).await
    }
}

#[tokio::test]
async fn the_same_key_with_the_same_parameters_gives_the_stored_answer() {
    let caller = Caller::start().await;

    let first = caller.post(INTENTS, "key", ORDER).await;
    let second = caller.post(INTENTS, "key", ORDER).await;

    assert_eq!((first.status, first.is_replayed), (200, false));
    assert_eq!((second.status, second.is_replayed), (200, true));
    assert_eq!(first.body, second.body);
    assert_eq!(caller.sandbox.charges().len(), 1);
}

#[tokio::test]
async fn the_same_key_with_other_parameters_or_another_path_is_refused() {
    let caller = Caller::start().await;
    caller.post(INTENTS, "key", ORDER).await;

    let other = ORDER.replace("2500", "2600");
    for (path, form) in [(INTENTS, other.as_str()), ("/v1/refunds", ORDER)] {
        let answer = caller.post(path, "key", form).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.body["error"]["type"], "idempotency_error");
    }
    assert_eq!(caller.sandbox.charges().len(), 1);
}

#[tokio::test]
async fn what_was_refused_before_anything_was_done_can_be_asked_for_again() {
    let caller = Caller::start().await;

    let refused = caller.post(INTENTS, "key", "currency=eur").await;
    assert_eq!((refused.status, refused.is_replayed), (400, false));

    assert_eq!(caller.post(INTENTS, "key", ORDER).await.status, 200);
}

#[tokio::test]
async fn an_answer_of_500_is_kept_for_its_key_though_nothing_was_done() {
    let caller = Caller::start().await;
    caller.post(INTENTS, "create", &ORDER.replace("2500", "2509")).await;
    let confirm = format!("{INTENTS}/pi_sandbox_1/confirm");

    for (key, status, is_replayed) in [
        ("first", 500, false),
        ("first", 500, true),
        ("second", 500, false),
        ("third", 200, false),
        ("first", 500, true),
    ] {
        let answer = caller.post(&confirm, key, "").await;
        assert_eq!((answer.status, answer.is_replayed), (status, is_replayed), "{key}");
    }
    assert_eq!(caller.sandbox.charges()[0].captured, 2509);
}

#[tokio::test]
async fn an_unknown_parameter_path_or_key_is_refused_by_name() {
    let caller = Caller::start().await;

    let unknown = caller.post(INTENTS, "key", "amount=1&card=4242").await;
    assert_eq!(unknown.body["error"]["message"], "Received unknown parameter: card");
    assert_eq!(caller.post("/v1/charges", "key", ORDER).await.status, 404);
    caller.sandbox.change_key("sk_test_other");
    assert_eq!(caller.post(INTENTS, "key", ORDER).await.status, 401);
    assert_eq!(caller.sandbox.charges(), []);
}

#[tokio::test]
async fn what_was_captured_and_refunded_is_listed() {
    let caller = Caller::start().await;
    caller.post(INTENTS, "create", ORDER).await;
    caller.post(&format!("{INTENTS}/pi_sandbox_1/confirm"), "confirm", "").await;
    let refund = "payment_intent=pi_sandbox_1&amount=1000";
    let refunded = caller.post("/v1/refunds", "refund", refund).await;
    assert_eq!((refunded.status, &refunded.body["status"]), (200, &json!("succeeded")));

    let listed = caller.call(Method::GET, "/sandbox/charges", None, "").await.body;

    let charge = json!({
        "orderId": "ord_1", "paymentId": "pi_sandbox_1", "amount": 2500, "currency": "eur",
        "status": "succeeded", "captured": 2500, "refunded": 1000,
    });
    assert_eq!(listed, json!([charge]));
    assert_eq!(serde_json::to_value(caller.sandbox.charges()).unwrap(), listed);
}

#[tokio::test]
async fn a_web_page_gets_nothing_and_a_container_does_where_it_is_listened_for() {
    let inside = Sandbox::start().await.unwrap();
    let outside = Sandbox::start_on("0.0.0.0:0".parse().unwrap()).await.unwrap();
    let port = outside.url().rsplit_once(':').unwrap().1.to_owned();
    let outside = format!("http://127.0.0.1:{port}");
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    for (url, header, status) in [
        (inside.url(), ("host", "rebound.example.com"), 403),
        (inside.url(), ("host", "host.docker.internal"), 403),
        (inside.url(), ("origin", "https://example.com"), 403),
        (inside.url(), ("sec-fetch-site", "cross-site"), 403),
        (outside.clone(), ("host", "rebound.example.com"), 403),
        (outside, ("host", "host.docker.internal"), 200),
    ] {
        let request = Request::get(format!("{url}/sandbox/charges")).header(header.0, header.1);
        let answer = client.request(request.body(Full::default()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), status, "{url} {header:?}");
    }
}
