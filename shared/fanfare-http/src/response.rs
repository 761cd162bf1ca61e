//! What goes back to the caller.

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use aws_lambda_events::encodings::Body;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A successful answer: a status, and a body as JSON.
///
/// ```
/// use fanfare_http::Response;
///
/// let body = serde_json::json!({ "orderId": "ord_1", "status": "placed" });
/// let response = Response::new(202, &body).at("/orders/ord_1");
/// assert_eq!(response.status(), 202);
/// assert_eq!(response.body()["orderId"], "ord_1");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Response {
    status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    body: Value,
}

impl Response {
    /// A response with this status and body. A body that has no JSON form, such as a map whose keys are not texts, is
    /// `null`.
    pub fn new(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_value(body).unwrap_or_default();
        Self { status, location: None, body }
    }

    /// 200.
    pub fn ok(body: &impl Serialize) -> Self {
        Self::new(200, body)
    }

    /// The same, with the header `Location`: where what was made can be looked at.
    pub fn at(self, location: impl Into<String>) -> Self {
        Self { location: Some(location.into()), ..self }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// The payload of the answer.
    pub(crate) fn into_payload(self) -> ApiGatewayV2httpResponse {
        let headers =
            [(CONTENT_TYPE, Some("application/json")), (LOCATION, self.location.as_deref())];
        payload(self.status, headers, self.body.to_string())
    }
}

/// The payload of an answer with these headers.
pub(crate) fn payload<const N: usize>(
    status: u16,
    headers: [(HeaderName, Option<&str>); N],
    body: String,
) -> ApiGatewayV2httpResponse {
    let set = headers.into_iter().filter_map(|(name, value)| {
        let value = value.and_then(|value| HeaderValue::from_str(value).ok())?;
        Some((name, value))
    });
    let mut payload = ApiGatewayV2httpResponse::default();
    payload.headers = HeaderMap::from_iter(set);
    payload.status_code = status.into();
    payload.body = Some(Body::Text(body));
    payload
}
