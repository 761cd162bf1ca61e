//! The HTTP front: API Gateway's HTTP API (or a function URL) in front of the functions, payload format 2.0.

mod answer;
mod authorization;
mod event;
mod routes;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use serde_json::json;

use crate::functions::{Failure, Outcome};
use crate::http_server::{BodyError, Reply, json, read_body};
use crate::services::Services;
use crate::usage::Meter;

pub(crate) use authorization::Gate;
pub(crate) use routes::Routes;

/// Limits of a request in bytes: API Gateway's of the body, and Lambda's of the event made of it.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const BODY_LIMIT: usize = 10 * 1024 * 1024;
const EVENT_LIMIT: usize = 6 * 1024 * 1024;

pub(crate) async fn handle(services: Arc<Services>, request: Request<Incoming>) -> Reply {
    services.http_requests.fetch_add(1, Relaxed);
    let (parts, body) = request.into_parts();
    let Some(matched) = services.routes.find(parts.method.as_str(), parts.uri.path()) else {
        return message(StatusCode::NOT_FOUND, "Not Found");
    };
    services.metering.add(&matched.function, Meter::HttpApiRequests, &matched.key, 1.0);
    services.metering.occasion(&matched.key);
    let authorizer = match services.gate.admit(&matched.authorization, &parts) {
        Ok(authorizer) => authorizer,
        Err(refusal) => return *refusal,
    };
    let Some(pool) = services.functions.by_logical_id(&matched.function) else {
        return message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    let body = match read_body(body, BODY_LIMIT).await {
        Ok(body) => body,
        Err(BodyError::TooLarge) => {
            return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        }
        Err(BodyError::TooSlow) => return message(StatusCode::REQUEST_TIMEOUT, "Request Timeout"),
        Err(BodyError::Broken) => return message(StatusCode::BAD_REQUEST, "Bad Request"),
    };
    let event = event::of_request(&parts, &body, &matched, &services.account);
    let event = event::authorized(event, authorizer).to_string();
    if event.len() > EVENT_LIMIT {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    }
    match pool.invoke(Bytes::from(event)).await {
        Outcome::Answered(answer) => answer::to_reply(&answer).unwrap_or_else(|reason| {
            let function = &pool.function.name;
            tracing::error!(function, reason, "an answer that is not of payload format 2.0");
            message(StatusCode::BAD_GATEWAY, "Internal Server Error")
        }),
        Outcome::Failed { failure, payload } => {
            let error = String::from_utf8_lossy(&payload);
            tracing::error!(function = pool.function.name, ?failure, %error, "a request failed");
            match failure {
                Failure::TimedOut | Failure::Throttled => {
                    message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
                }
                Failure::Function | Failure::Exited | Failure::NotStarted => {
                    message(StatusCode::BAD_GATEWAY, "Internal Server Error")
                }
            }
        }
    }
}

fn message(status: StatusCode, message: &str) -> Reply {
    json(status, &json!({ "message": message }))
}
