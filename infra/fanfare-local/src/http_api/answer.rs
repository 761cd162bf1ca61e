//! A function's answer as the response of the HTTP front.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

use crate::http_server::{Reply, reply};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: Value,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    is_base64_encoded: Option<bool>,
}

/// With a `statusCode` the answer describes the response, without one it is the response.
pub(super) fn to_reply(answer: &Bytes) -> Result<Reply, String> {
    let value: Value = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
    if value.get("statusCode").is_none() {
        return Ok(reply(StatusCode::OK, "application/json", answer.clone()));
    }
    let answer: Answer = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let status = plain(&answer.status_code);
    let status = status.parse::<StatusCode>().map_err(|_| format!("{status} is no status code"))?;
    let body = answer.body.as_ref().map(plain).unwrap_or_default();
    let body = match answer.is_base64_encoded {
        Some(true) => {
            BASE64.decode(&body).map_err(|error| format!("the body is not base64: {error}"))?
        }
        _ => body.into_bytes(),
    };
    let mut reply = reply(status, "text/plain; charset=utf-8", body);
    for (name, value) in answer.headers.unwrap_or_default() {
        let invalid = |_| format!("{name} is not a valid header");
        let parsed: HeaderName = name.parse().map_err(|_| invalid(()))?;
        // The length is what the body has, whatever the function counted.
        if parsed != header::CONTENT_LENGTH {
            let value = HeaderValue::from_str(&plain(&value)).map_err(|_| invalid(()))?;
            reply.headers_mut().insert(parsed, value);
        }
    }
    for cookie in answer.cookies.unwrap_or_default() {
        let cookie = HeaderValue::from_str(&cookie)
            .map_err(|_| format!("{cookie:?} is not a valid cookie"))?;
        reply.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(reply)
}

/// Text as it is, anything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use serde_json::json;

    use super::*;

    async fn check(answer: Value, status: u16, content_type: &str, body: &[u8]) -> Reply {
        let reply = to_reply(&Bytes::from(answer.to_string())).expect("a reply");
        assert_eq!(
            (reply.status().as_u16(), &reply.headers()["content-type"]),
            (status, &HeaderValue::from_str(content_type).expect("a type"))
        );
        assert_eq!(reply.clone().into_body().collect().await.expect("a body").to_bytes(), body);
        reply
    }

    #[tokio::test]
    async fn an_answer_with_a_status_describes_the_response() {
        let answer = json!({
            "statusCode": 201, "body": "{}", "headers": {"Content-Type": "application/json", "X-N": 1},
            "cookies": ["a=1", "b=2"],
        });
        let reply = check(answer, 201, "application/json", b"{}").await;
        assert_eq!(reply.headers()["x-n"], "1");
        assert_eq!(reply.headers().get_all("set-cookie").iter().count(), 2);
        check(json!({"statusCode": "204"}), 204, "text/plain; charset=utf-8", b"").await;
        let binary = json!({"statusCode": 200, "body": "/wA=", "isBase64Encoded": true});
        check(binary, 200, "text/plain; charset=utf-8", &[0xff, 0]).await;
    }

    #[tokio::test]
    async fn any_other_answer_is_the_response() {
        check(json!({"a": 1}), 200, "application/json", br#"{"a":1}"#).await;
        check(json!("text"), 200, "application/json", br#""text""#).await;
    }

    #[test]
    fn a_senseless_answer_is_told() {
        assert!(to_reply(&Bytes::from_static(br#"{"statusCode": 9999}"#)).is_err());
        assert!(to_reply(&Bytes::from_static(br#"{"statusCode": 200, "headers": 1}"#)).is_err());
    }
}
