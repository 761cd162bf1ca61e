//! A request as the function gets it.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::request::Parts;
use http::{HeaderMap, header};
use serde_json::{Value, json};

use super::routes::Matched;

pub(super) fn of_request(parts: &Parts, body: &[u8], matched: &Matched, account: &str) -> Value {
    let query = parts.uri.query().unwrap_or_default();
    let path = parts.uri.path();
    let text =
        |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let now = jiff::Timestamp::now();
    let mut event = json!({
        "version": "2.0",
        "routeKey": matched.key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers(&parts.headers),
        "requestContext": {
            "accountId": account,
            "apiId": "local",
            "domainName": text(header::HOST),
            "domainPrefix": "local",
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": format!("{:?}", parts.version),
                // The front listens on the loopback interface only.
                "sourceIp": "127.0.0.1",
                "userAgent": text(header::USER_AGENT),
            },
            "requestId": uuid::Uuid::new_v4().to_string(),
            "routeKey": matched.key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "isBase64Encoded": false,
    });
    let cookies = cookies(&parts.headers);
    if !cookies.is_empty() {
        event["cookies"] = cookies.into();
    }
    if !query.is_empty() {
        event["queryStringParameters"] = json!(parameters(query));
    }
    if !matched.parameters.is_empty() {
        event["pathParameters"] = json!(matched.parameters);
    }
    if !body.is_empty() {
        match std::str::from_utf8(body) {
            Ok(text) => event["body"] = text.into(),
            Err(_) => {
                event["body"] = BASE64.encode(body).into();
                event["isBase64Encoded"] = true.into();
            }
        }
    }
    event
}

/// The same with what the front has found out of its caller.
pub(super) fn authorized(mut event: Value, authorizer: Option<Value>) -> Value {
    if let Some(authorizer) = authorizer {
        event["requestContext"]["authorizer"] = authorizer;
    }
    event
}

/// Names in lower case, repeated ones joined; cookies have a field of their own.
fn headers(headers: &HeaderMap) -> BTreeMap<&str, String> {
    headers
        .keys()
        .filter(|name| *name != header::COOKIE)
        .map(|name| {
            let values =
                headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
            (name.as_str(), values.collect::<Vec<_>>().join(","))
        })
        .collect()
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split("; ")).map(str::to_owned).collect()
}

/// Repeated parameters are joined.
fn parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        parameters
            .entry(name.into_owned())
            .and_modify(|values| *values = format!("{values},{value}"))
            .or_insert_with(|| value.into_owned());
    }
    parameters
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn event(request: http::request::Builder, body: &[u8]) -> Value {
        let parts = request.body(()).expect("a request").into_parts().0;
        let parameters = BTreeMap::from([("id".to_owned(), "7".to_owned())]);
        let authorization = crate::template::stack::Authorization::None;
        let matched = Matched {
            key: "GET /o/{id}".to_owned(),
            function: "F".to_owned(),
            parameters,
            authorization,
        };
        of_request(&parts, body, &matched, "000000000000")
    }

    #[test]
    fn a_request_has_format_2_0() {
        let request = Request::get("/o/7?a=1&a=2&b=x%20y")
            .header("Host", "localhost:8080")
            .header("X-Two", "a")
            .header("X-Two", "b")
            .header("Cookie", "c=1; d=2")
            .header("User-Agent", "test");
        let event = event(request, b"hello");
        assert_eq!(event["rawQueryString"], "a=1&a=2&b=x%20y");
        assert_eq!(event["queryStringParameters"], json!({"a": "1,2", "b": "x y"}));
        assert_eq!(
            event["headers"],
            json!({"host": "localhost:8080", "user-agent": "test", "x-two": "a,b"})
        );
        assert_eq!(event["cookies"], json!(["c=1", "d=2"]));
        assert_eq!(event["pathParameters"], json!({"id": "7"}));
        assert_eq!(event["requestContext"]["http"]["protocol"], "HTTP/1.1");
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("hello"), &json!(false)));
    }

    #[test]
    fn a_body_that_is_not_text_is_encoded() {
        let event = event(Request::post("/o/7"), &[0xff, 0]);
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
        assert!(event.get("queryStringParameters").is_none());
    }
}
