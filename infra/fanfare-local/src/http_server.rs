//! What the AWS endpoint, the HTTP API and the Runtime API have in common: each is a server of `fanfare-loopback`.

use std::convert::Infallible;
use std::future::Future;

use bytes::Bytes;
use fanfare_loopback::{Callers, Server};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::net::TcpListener;

pub(crate) use fanfare_loopback::{BodyError, Reply, read_body};

use crate::shutdown::Stop;

/// Serves whoever may ask, until `stop` is requested.
pub(crate) async fn serve<H, F>(listener: TcpListener, callers: Callers, handler: H, mut stop: Stop)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let handler = move |request| {
        let reply = handler(request);
        async move { Ok::<_, Infallible>(reply.await) }
    };
    let server = Server::new(listener).for_callers(callers);
    server.serve(handler, async move { stop.requested().await }).await;
}

/// An answer with a body of the given type.
pub(crate) fn reply(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Reply {
    let mut reply = Response::new(Full::new(body.into()));
    *reply.status_mut() = status;
    reply
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    reply
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, body: &impl serde::Serialize) -> Reply {
    match serde_json::to_vec(body) {
        Ok(body) => reply(status, "application/json", body),
        Err(error) => reply(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", error.to_string()),
    }
}
