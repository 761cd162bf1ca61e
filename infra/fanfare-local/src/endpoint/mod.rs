//! The AWS endpoint: every service on one port, told apart as AWS's clients mark their requests.

mod consumed;
mod dynamodb;
mod expression_depth;
mod lambda;
mod request_tokens;
mod ses;
mod sqs;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use serde_json::json;

use crate::functions::ACCESS_KEY;
use crate::http_server::{BodyError, Reply, json, read_body, reply};
use crate::issuer;
use crate::services::Services;
use crate::sns::{self, Form};
use crate::usage::{Meter, OUTSIDE, chunks};

pub(crate) use request_tokens::TransactionTokens;
pub(crate) use ses::Mail;

/// The largest request that any of the services takes (DynamoDB's), in bytes.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Versions of the services that speak AWS's query protocol, which name the service.
const SNS_VERSION: &str = "2010-03-31";
const SES_VERSION: &str = "2010-12-01";
const SQS_VERSION: &str = "2012-11-05";

pub(crate) async fn handle(services: Arc<Services>, request: Request<Incoming>) -> Reply {
    services.aws_requests.fetch_add(1, Relaxed);
    let (parts, body) = request.into_parts();
    match read_body(body, BODY_LIMIT).await {
        Ok(body) => route(&services, &parts, body).await,
        Err(BodyError::TooLarge) => {
            error(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLarge", "over 16 MiB")
        }
        Err(BodyError::TooSlow) => {
            error(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", "the body was not there in time")
        }
        Err(BodyError::Broken) => {
            error(StatusCode::BAD_REQUEST, "InvalidBody", "the body broke off")
        }
    }
}

async fn route(services: &Arc<Services>, parts: &Parts, body: Bytes) -> Reply {
    let path = parts.uri.path();
    if let Some(page) = path.strip_prefix(issuer::PATH) {
        return issuer::answer(
            services.gate.issuer.as_ref(),
            &services.endpoint,
            page,
            parts,
            &body,
        );
    }
    if let Some(page) = path.strip_prefix("/_fanfare/") {
        return match page {
            "health" => json(StatusCode::OK, &json!({"status": "running"})),
            "usage" => json(StatusCode::OK, &services.usage()),
            "stats" => json(StatusCode::OK, &services.statistics()),
            "stack" => json(StatusCode::OK, &services.description),
            "mailbox" => services.mail.mailbox().await,
            _ => error(
                StatusCode::NOT_FOUND,
                "NotFound",
                "there are health, stack, stats, usage, mailbox and issuer",
            ),
        };
    }
    if let Some(function) = path.strip_prefix(lambda::FUNCTIONS) {
        return lambda::handle(services, function, parts, body).await;
    }
    let caller = caller(services, parts);
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    match target.and_then(|target| target.split_once('.')) {
        Some(("DynamoDB_20120810" | "DynamoDBStreams_20120810", operation)) => {
            let (reply, consumed) =
                dynamodb::handle(&services.tables, &services.region, operation, body).await;
            let meter = dynamodb::meter(operation);
            services.metering.consumed(caller, meter, &consumed.done);
            if consumed.refused > 0.0 {
                services.metering.add(caller, meter, "refused", consumed.refused);
            }
            reply
        }
        Some(("AmazonSQS", operation)) => {
            let meter = sqs::meter(&body);
            services.metering.add(caller, meter, operation, chunks(body.len()));
            sqs::handle(&services.queues, operation, body).await
        }
        Some((service, operation)) => not_here(&format!("{service} {operation}")),
        None if parts.method == Method::POST => query_protocol(services, caller, body).await,
        None => not_here(&format!("{} {path}", parts.method)),
    }
}

async fn query_protocol(services: &Services, caller: &str, body: Bytes) -> Reply {
    let form = match Form::parse(&body) {
        Ok(form) => form,
        Err(error) => {
            return xml_error(StatusCode::BAD_REQUEST, "MalformedInput", &error.to_string());
        }
    };
    let action = form.get("Action").unwrap_or("a request without an action");
    match form.get("Version") {
        Some(SNS_VERSION) => {
            if action.starts_with("Publish") {
                services.metering.add(caller, Meter::SnsRequests, action, chunks(body.len()));
                sns::event_types(&form).for_each(|event| services.metering.occasion(event));
            }
            sns::handle(&services.sns, &form).await
        }
        Some(SES_VERSION) => {
            if action.starts_with("Send") {
                services.metering.add(caller, Meter::SesMails, action, 1.0);
            }
            services.mail.handle(action, body.clone()).await
        }
        Some(SQS_VERSION) => {
            xml_not_here("SQS is spoken to in JSON here; this client is too old to")
        }
        version => xml_not_here(&not_available(&format!(
            "{action} ({})",
            version.unwrap_or("unversioned")
        ))),
    }
}

/// The function that sent a request, by the access key that the runner gave it, or whoever else did.
fn caller<'r>(services: &Services, parts: &'r Parts) -> &'r str {
    let header = parts.headers.get("authorization").and_then(|header| header.to_str().ok());
    let scope = header.and_then(|header| header.split_once("Credential="));
    let key = scope.and_then(|(_, scope)| scope.split('/').next());
    let function = key.and_then(|key| key.strip_prefix(ACCESS_KEY));
    let known = function.filter(|function| services.functions.by_logical_id(function).is_some());
    known.unwrap_or(OUTSIDE)
}

/// An error that a client of the query protocol understands.
fn xml_error(status: StatusCode, code: &str, message: &str) -> Reply {
    let message = message.replace('&', "&amp;").replace('<', "&lt;");
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         </ErrorResponse>"
    );
    reply(status, "text/xml", body)
}

fn xml_not_here(message: &str) -> Reply {
    xml_error(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
}

fn not_available(what: &str) -> String {
    format!("{what}: DynamoDB, SQS, SNS, SES (version 1) and Lambda's Invoke are available here")
}

fn not_here(what: &str) -> Reply {
    error(StatusCode::NOT_IMPLEMENTED, "NotImplemented", &not_available(what))
}

fn error(status: StatusCode, kind: &str, message: &str) -> Reply {
    json(status, &json!({"__type": kind, "message": message}))
}
