//! A call, reduced to what a handler needs.

use crate::{Caller, Problem, body};
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fanfare_event::Timestamp;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// The most that a body may have. It is SNS's limit for a message, which is the narrowest on an event's
/// way (<https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html>).
const MAX_BODY_BYTES: usize = 256 * 1024;
/// The longest idempotency key, in bytes.
const MAX_KEY: usize = 255;
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// An HTTP call.
///
/// ```
/// use fanfare_http::Request;
///
/// let request = Request::new("GET", "/rooms/7/readings").with_query("limit", "10");
/// assert_eq!(request.segments(), ["rooms", "7", "readings"]);
/// assert_eq!(request.query("limit"), Some("10"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Request {
    method: String,
    path: String,
    /// Headers by their names in lower case; one that is no text has no value.
    headers: HashMap<String, Option<String>>,
    query: HashMap<String, String>,
    body: Vec<u8>,
    caller: Caller,
}

impl Request {
    /// A call of one's own, for a test.
    pub fn new(method: impl Into<String>, path: impl Into<String>) -> Self {
        Self { method: method.into(), path: path.into(), ..Self::default() }
    }

    /// The same with a header.
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.to_lowercase(), Some(value.into()));
        self
    }

    /// The same with a parameter in the query.
    pub fn with_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.insert(name.into(), value.into());
        self
    }

    /// The same with a body.
    pub fn with_body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// The same from somebody.
    pub fn with_caller(self, caller: Caller) -> Self {
        Self { caller, ..self }
    }

    /// Takes a call from its payload.
    ///
    /// # Errors
    /// 413 when the body is too large, 400 when it is not the base64 that it says it is.
    pub(crate) fn from_payload(call: ApiGatewayV2httpRequest) -> Result<Self, Problem> {
        let text = call.body.unwrap_or_default();
        let body = match call.is_base64_encoded {
            // Base64 has four characters for three bytes.
            true if text.len() / 4 * 3 > MAX_BODY_BYTES + 3 => {
                return Err(Problem::too_large(MAX_BODY_BYTES));
            }
            true => STANDARD.decode(text).map_err(|e| Problem::invalid("body", e.to_string()))?,
            false => text.into_bytes(),
        };
        if body.len() > MAX_BODY_BYTES {
            return Err(Problem::too_large(MAX_BODY_BYTES));
        }
        let headers = call.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), value.to_str().ok().map(str::to_owned))
        });
        let query = call.query_string_parameters.iter();
        Ok(Self {
            method: call.request_context.http.method.to_string(),
            path: call.raw_path.unwrap_or_default(),
            headers: headers.collect(),
            query: query.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body,
            caller: Caller::of(&call.request_context),
        })
    }

    /// The method, such as `GET`.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path as it was sent.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The parts of the path, to be matched against what is served.
    pub fn segments(&self) -> Vec<&str> {
        self.path.trim_matches('/').split('/').collect()
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The value of a header, whose name is given in lower case; `None` when it is absent or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.as_deref()
    }

    /// A parameter of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// A time in the query, if there is one.
    ///
    /// # Errors
    /// 400, naming the parameter, when it is no time.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        let Some(value) = self.query(name) else { return Ok(None) };
        let detail = "must be a time as of RFC 3339, such as 2024-01-15T10:30:00Z";
        value.parse().map(Some).map_err(|_| Problem::invalid(name, detail))
    }

    /// The body as a `T`.
    ///
    /// # Errors
    /// 400, naming the field.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        body::parse(&self.body)
    }

    /// The `Idempotency-Key`, if there is one.
    ///
    /// # Errors
    /// 400 when there is one that can't be a key: a call that asks to be done once must not be done without one.
    pub fn idempotency_key(&self) -> Result<Option<&str>, Problem> {
        let Some(value) = self.headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
        let key = value.as_deref().filter(|key| (1..=MAX_KEY).contains(&key.len()));
        key.map(Some).ok_or_else(|| {
            let detail = format!("must be 1 to {MAX_KEY} visible ASCII characters");
            Problem::invalid("Idempotency-Key", detail)
        })
    }

    /// The W3C trace context, if there is a well-formed one.
    pub fn traceparent(&self) -> Option<String> {
        let value = self.header("traceparent")?;
        let lengths: Vec<usize> = value.split('-').map(str::len).collect();
        let hex = value.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
        (lengths == [2, 32, 16, 2] && hex).then(|| value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn with_key(value: HeaderValue) -> Request {
        let mut call = ApiGatewayV2httpRequest::default();
        call.headers.insert(IDEMPOTENCY_KEY, value);
        Request::from_payload(call).expect("a request")
    }

    #[test]
    fn a_key_that_can_t_be_read_is_refused_and_not_passed_over() {
        for bad in
            [HeaderValue::from_bytes("ä".as_bytes()).expect("bytes"), HeaderValue::from_static("")]
        {
            let problem = with_key(bad).idempotency_key().expect_err("no key");
            assert_eq!((problem.status, problem.field.as_deref()), (400, Some("Idempotency-Key")));
        }
        let long = HeaderValue::from_str(&"k".repeat(256)).expect("a value");
        assert!(with_key(long).idempotency_key().is_err());
        let good = with_key(HeaderValue::from_static("k"));
        assert_eq!(good.idempotency_key(), Ok(Some("k")));
        assert_eq!(Request::new("POST", "/").idempotency_key(), Ok(None));
    }

    #[test]
    fn a_body_over_the_limit_is_refused_in_either_encoding() {
        let sent = |body: String, is_base64: bool| {
            let mut call = ApiGatewayV2httpRequest::default();
            (call.body, call.is_base64_encoded) = (Some(body), is_base64);
            Request::from_payload(call).map(|request| request.body.len()).map_err(|p| p.status)
        };
        let encoded = |bytes: usize| STANDARD.encode(vec![b'x'; bytes]);
        assert_eq!(sent("x".repeat(MAX_BODY_BYTES), false), Ok(MAX_BODY_BYTES));
        assert_eq!(sent("x".repeat(MAX_BODY_BYTES + 1), false), Err(413));
        assert_eq!(sent(encoded(MAX_BODY_BYTES), true), Ok(MAX_BODY_BYTES));
        assert_eq!(sent(encoded(MAX_BODY_BYTES + 1), true), Err(413));
        assert_eq!(sent("x".repeat(MAX_BODY_BYTES * 4), true), Err(413));
        assert_eq!(sent("no base64!".to_owned(), true), Err(400));
    }
}
