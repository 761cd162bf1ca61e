//! What goes back to the caller.

use crate::Problem;
use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use aws_lambda_events::encodings::Body;
use http::header::{ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use serde::Serialize;

/// A successful answer.
pub(crate) struct Response {
    status: u16,
    location: Option<String>,
    body: serde_json::Value,
}

impl Response {
    pub(crate) fn new(status: u16, body: &impl Serialize) -> Self {
        // Every body is a struct of ours with a JSON form; null shows up in the tests if one is not.
        let body = serde_json::to_value(body).unwrap_or_default();
        Self { status, location: None, body }
    }

    pub(crate) fn ok(body: &impl Serialize) -> Self {
        Self::new(200, body)
    }

    pub(crate) fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }
}

/// The payload of an answer.
pub(crate) fn payload(answer: Result<Response, Problem>) -> ApiGatewayV2httpResponse {
    let mut headers = HeaderMap::new();
    let mut set = |name, value: Option<&str>| {
        if let Some(value) = value.and_then(|v| HeaderValue::from_str(v).ok()) {
            headers.insert(name, value);
        }
    };
    let (status, body) = match answer {
        Ok(response) => {
            set(CONTENT_TYPE, Some("application/json"));
            set(LOCATION, response.location.as_deref());
            (response.status, response.body.to_string())
        }
        Err(problem) => {
            set(CONTENT_TYPE, Some("application/problem+json"));
            set(ALLOW, problem.allow);
            (problem.status, serde_json::to_string(&problem).unwrap_or_default())
        }
    };
    let mut payload = ApiGatewayV2httpResponse::default();
    payload.status_code = status.into();
    payload.headers = headers;
    payload.body = Some(Body::Text(body));
    payload
}
