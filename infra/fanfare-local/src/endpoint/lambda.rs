//! Lambda's `Invoke`, for `aws lambda invoke` and `cargo lambda invoke`.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use crate::functions::{Failure, Outcome};
use crate::http_server::{Reply, json, reply};
use crate::services::Services;

/// The path before a function's name.
pub(super) const FUNCTIONS: &str = "/2015-03-31/functions/";

/// Limits of a payload in bytes: answered, and queued (`Event`).
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const SYNCHRONOUS_LIMIT: usize = 6 * 1024 * 1024;
const ASYNCHRONOUS_LIMIT: usize = 1024 * 1024;

/// `path` is what follows [`FUNCTIONS`].
pub(super) async fn handle(
    services: &Arc<Services>,
    path: &str,
    parts: &Parts,
    body: Bytes,
) -> Reply {
    let Some(name) = path.strip_suffix("/invocations").filter(|_| parts.method == Method::POST)
    else {
        return error(
            StatusCode::NOT_FOUND,
            "ResourceNotFoundException",
            "of Lambda, only Invoke is available here",
        );
    };
    let name = decode(name);
    let Some(pool) = services.functions.find(&name) else {
        let known = services
            .functions
            .iter()
            .map(|pool| pool.function.name.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        let message = format!("Function not found: {name}; there are {known}");
        return error(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message);
    };
    let payload = if body.is_empty() { Bytes::from_static(b"{}") } else { body };
    let how = parts.headers.get("x-amz-invocation-type").and_then(|how| how.to_str().ok());
    let limit = if how == Some("Event") { ASYNCHRONOUS_LIMIT } else { SYNCHRONOUS_LIMIT };
    if payload.len() > limit {
        let message =
            format!("Request must be smaller than {limit} bytes for the InvokeFunction operation");
        return error(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", &message);
    }
    if let Err(reason) = serde_json::from_slice::<&serde_json::value::RawValue>(&payload) {
        let message = format!("Could not parse request body into json: {reason}");
        return error(StatusCode::BAD_REQUEST, "InvalidRequestContentException", &message);
    }
    match how {
        None | Some("RequestResponse") => {
            let mut answer = match pool.invoke(payload).await {
                Outcome::Answered(answer) => reply(StatusCode::OK, "application/json", answer),
                Outcome::Failed { failure: Failure::Throttled, .. } => {
                    return error(
                        StatusCode::TOO_MANY_REQUESTS,
                        "TooManyRequestsException",
                        "Rate Exceeded.",
                    );
                }
                Outcome::Failed { payload, .. } => {
                    let mut answer = reply(StatusCode::OK, "application/json", payload);
                    answer
                        .headers_mut()
                        .insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
                    answer
                }
            };
            answer
                .headers_mut()
                .insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
            answer
        }
        Some("Event") => {
            let pool = pool.clone();
            tokio::spawn(async move {
                if let Outcome::Failed { failure, payload } = pool.invoke(payload).await {
                    let error = String::from_utf8_lossy(&payload);
                    tracing::warn!(function = pool.function.name, ?failure, %error, "an event invocation failed");
                }
            });
            reply(StatusCode::ACCEPTED, "application/json", "")
        }
        Some("DryRun") => reply(StatusCode::NO_CONTENT, "application/json", ""),
        Some(other) => {
            let message = format!("there is no invocation type {other}");
            error(StatusCode::BAD_REQUEST, "InvalidParameterValueException", &message)
        }
    }
}

/// A path segment as its client meant it.
fn decode(segment: &str) -> String {
    // A form's `+` is a blank, a path's is not.
    let escaped = segment.replace('+', "%2B");
    form_urlencoded::parse(format!("name={escaped}").as_bytes())
        .next()
        .map_or_else(|| segment.to_owned(), |(_, name)| name.into_owned())
}

fn error(status: StatusCode, kind: &'static str, message: &str) -> Reply {
    let body: Value = json!({"Type": "User", "Message": message});
    let mut answer = json(status, &body);
    answer.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(kind));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_in_a_path_is_decoded() {
        assert_eq!(
            decode("arn%3Aaws%3Alambda%3Ar%3Aa%3Afunction%3Aname"),
            "arn:aws:lambda:r:a:function:name"
        );
        assert_eq!(decode("a+b"), "a+b");
    }
}
