//! A call, reduced to what the API needs.

use crate::Problem;
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fanfare::Timestamp;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// The most that a body may have. It is SNS's limit for a message, which is the narrowest on an event's
/// way (<https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html>).
pub(crate) const MAX_BODY_BYTES: usize = 256 * 1024;

/// An HTTP call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Headers by their names in lower case.
    headers: HashMap<String, String>,
    query: HashMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    /// Takes a call from its payload.
    ///
    /// # Errors
    /// A [`Problem`] when the body is too large or is not the base64 that it says it is.
    pub(crate) fn from_payload(call: ApiGatewayV2httpRequest) -> Result<Self, Problem> {
        let text = call.body.unwrap_or_default();
        let body = match call.is_base64_encoded {
            true => STANDARD.decode(text).map_err(|e| Problem::invalid("body", e.to_string()))?,
            false => text.into_bytes(),
        };
        if body.len() > MAX_BODY_BYTES {
            return Err(Problem::too_large(MAX_BODY_BYTES));
        }
        let headers = call.headers.iter().filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        });
        let query = call.query_string_parameters.iter();
        Ok(Self {
            method: call.request_context.http.method.to_string(),
            path: call.raw_path.unwrap_or_default(),
            headers: headers.collect(),
            query: query.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body,
        })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// A time in the query, if there is one.
    ///
    /// # Errors
    /// 400, naming the parameter, when it is no time.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        let Some(value) = self.query(name) else { return Ok(None) };
        let detail = "must be a time as of RFC 3339, such as 2024-01-15T10:30:00Z";
        value.parse().map(Some).map_err(|_| Problem::invalid(name, detail))
    }

    /// The W3C trace context, if there is a well-formed one.
    pub(crate) fn traceparent(&self) -> Option<String> {
        let value = self.header("traceparent")?;
        let lengths: Vec<usize> = value.split('-').map(str::len).collect();
        let hex = value.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
        (lengths == [2, 32, 16, 2] && hex).then(|| value.to_owned())
    }

    /// The body as a `T`.
    ///
    /// # Errors
    /// 400, naming the field.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        parse(&self.body)
    }
}

/// Reads JSON.
///
/// # Errors
/// 400, naming the field.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, words) = (error.path().to_string(), error.inner().to_string());
        let last = error.path().iter().next_back().map(ToString::to_string).unwrap_or_default();
        // The name of a field that nobody knows is the caller's own: only what it is in is named.
        let field = match words.starts_with("unknown field") {
            true => path.strip_suffix(&last).unwrap_or_default(),
            false => &path,
        };
        let field = field.trim_matches('.');
        Problem::invalid(if field.is_empty() { "body" } else { field }, words)
    })?;
    json.end().map_err(|error| Problem::invalid("body", error.to_string()))?;
    Ok(value)
}
