//! The Lambda Runtime API. Each process has one of its own, on a port of its own: the variable that leads to
//! it has room for a host and a port, and not every runtime takes more. So the address is the secret: see [`listen`].
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde_json::json;
use tokio::net::TcpListener;

use super::process::{Instance, Invocation};
use crate::http_server::{BodyError, Reply, json, read_body};

/// Lambda's limit of a response, in bytes.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(crate) const PAYLOAD_LIMIT: usize = 6 * 1024 * 1024;

/// Listens at an address that nobody guesses: one of the 16 million of 127.0.0.0/8, where the system answers at all of them
/// (Linux does), and a free port. Only the process is told it, and whoever does not name it gets no invocation.
///
/// Elsewhere (macOS answers at 127.0.0.1 alone) the port is all there is to guess, and a web page is kept out by what browsers
/// say of themselves. Another program of the same user can read the process's environment, here as there.
pub(super) async fn listen() -> std::io::Result<(TcpListener, SocketAddr)> {
    let [first, second, third, ..] = *uuid::Uuid::new_v4().as_bytes();
    // 127.0.0.0 and 127.255.255.255 are addresses of the network as a whole.
    let secret = Ipv4Addr::new(127, first.clamp(1, 254), second, third);
    let listener = match TcpListener::bind((secret, 0)).await {
        Err(error) if error.kind() == ErrorKind::AddrNotAvailable => {
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?
        }
        listener => listener?,
    };
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Answers one request of the process.
pub(super) async fn handle(
    instance: Arc<Instance>,
    function_arn: Arc<str>,
    request: Request<Incoming>,
) -> Reply {
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    match (method, path.split('/').skip(1).collect::<Vec<_>>().as_slice()) {
        (Method::GET, ["2018-06-01", "runtime", "invocation", "next"]) => {
            match instance.next().await {
                Some((invocation, deadline)) => next_reply(invocation, deadline, &function_arn),
                None => error(StatusCode::GONE, "Stopped", "there is no more work"),
            }
        }
        (
            Method::POST,
            ["2018-06-01", "runtime", "invocation", id, verdict @ ("response" | "error")],
        ) => {
            let body = match read_body(request.into_body(), PAYLOAD_LIMIT).await {
                Ok(body) => body,
                Err(BodyError::TooLarge) => return too_large(&instance, id),
                Err(BodyError::TooSlow | BodyError::Broken) => {
                    return error(StatusCode::BAD_REQUEST, "InvalidBody", "the body broke off");
                }
            };
            let answer = if *verdict == "response" { Ok(body) } else { Err(body) };
            match instance.answer(id, answer) {
                true => json(StatusCode::ACCEPTED, &json!({"status": "OK"})),
                false => error(
                    StatusCode::BAD_REQUEST,
                    "InvalidRequestID",
                    "this invocation is not under way",
                ),
            }
        }
        // The process exits next, and what it wrote is told then.
        (Method::POST, ["2018-06-01", "runtime", "init", "error"]) => {
            json(StatusCode::ACCEPTED, &json!({"status": "OK"}))
        }
        _ => error(StatusCode::NOT_FOUND, "NotFound", "no such operation of the Runtime API"),
    }
}

fn next_reply(invocation: Invocation, deadline: SystemTime, arn: &str) -> Reply {
    let mut reply = Response::new(Full::new(invocation.payload));
    let headers = reply.headers_mut();
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    insert(headers, "lambda-runtime-aws-request-id", &invocation.request_id);
    insert(headers, "lambda-runtime-deadline-ms", &deadline.to_string());
    insert(headers, "lambda-runtime-invoked-function-arn", arn);
    insert(headers, "lambda-runtime-trace-id", &trace_id());
    reply
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    // Everything given here is made of letters, digits and hyphens.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// An X-Ray trace id: the time, and 96 bits that are unique.
fn trace_id() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let unique = uuid::Uuid::new_v4().simple().to_string();
    format!("Root=1-{seconds:08x}-{}", &unique[..24])
}

fn too_large(instance: &Instance, request_id: &str) -> Reply {
    let message = format!(
        "Response payload size exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes)."
    );
    let payload = json!({"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message});
    instance.answer(request_id, Err(Bytes::from(payload.to_string())));
    error(StatusCode::PAYLOAD_TOO_LARGE, "Function.ResponseSizeTooLarge", &message)
}

fn error(status: StatusCode, kind: &str, message: &str) -> Reply {
    json(status, &json!({"errorType": kind, "errorMessage": message}))
}
