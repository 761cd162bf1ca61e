//! What is answered: bodies with the headers that keep a page to itself.

use crate::assets::Asset;
use bytes::Bytes;
use fanfare_loopback::Reply;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use http_body_util::Full;

/// Nothing but what this server gives: no inline script or style, no other host, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// For every answer. Forms need their origin to be told, so the referrer stays within the console and is not forbidden.
const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

pub(crate) const HTML: &str = "text/html; charset=utf-8";
pub(crate) const JSON: &str = "application/json";
pub(crate) const PROBLEM: &str = "application/problem+json";
pub(crate) const EVENTS: &str = "text/event-stream";

/// An answer that nobody may keep.
pub(crate) fn reply(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Reply::new(Full::new(body.into()));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
    reply
}

/// The style or the script, for ever: another one has another address.
pub(crate) fn asset(asset: &'static Asset) -> Reply {
    let mut reply = reply(StatusCode::OK, asset.kind, asset.content);
    let for_ever = HeaderValue::from_static("public, max-age=31536000, immutable");
    reply.headers_mut().insert(CACHE_CONTROL, for_ever);
    reply
}

/// That what is looked for is at another address of this console.
pub(crate) fn see(path: &str) -> Reply {
    let mut reply = reply(StatusCode::SEE_OTHER, HTML, "");
    match HeaderValue::from_str(path) {
        Ok(path) => drop(reply.headers_mut().insert(LOCATION, path)),
        Err(_) => *reply.status_mut() = StatusCode::BAD_REQUEST,
    }
    reply
}

/// The same, with a cookie.
pub(crate) fn see_with_cookie(path: &str, cookie: &str) -> Reply {
    let mut reply = see(path);
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        reply.headers_mut().insert(SET_COOKIE, cookie);
    }
    reply
}

/// One server-sent event, after which the browser asks again. The connection does not stay: a browser has six for one host, and
/// with one for each page the seventh page would never load.
pub(crate) fn event(name: &str, text: &str, again_after_ms: u64) -> Reply {
    let mut body = format!("retry: {again_after_ms}\nevent: {name}\n");
    for line in text.split('\n') {
        body.push_str("data: ");
        body.push_str(line);
        body.push('\n');
    }
    body.push('\n');
    reply(StatusCode::OK, EVENTS, body)
}
