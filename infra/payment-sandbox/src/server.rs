//! The HTTP server around the gateway.

use crate::answer::{Answer, Delivery};
use crate::routes::{Request, answer};
use crate::{Gateway, lock};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The most that is read of a request's body, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
enum Dropped {
    #[error("the amount asks for a dropped connection")]
    OnPurpose,
    #[error("the request's body could not be read")]
    Unreadable,
}

/// Serves until it is aborted.
pub(crate) async fn serve(listener: TcpListener, gateway: Arc<Mutex<Gateway>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&gateway)));
                }
                Err(error) => {
                    // Out of file descriptors, most likely: accepting again at once would spin.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, gateway: Arc<Mutex<Gateway>>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY is not available; answers may be held back");
    }
    let service = service_fn(|request| respond(request, Arc::clone(&gateway)));
    let served =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        tracing::trace!(%error, "a connection ended early");
    }
}

async fn respond(
    request: http::Request<Incoming>,
    gateway: Arc<Mutex<Gateway>>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let request = read(request).await?;
    let answer = answer(&mut lock(&gateway), request);
    match answer.delivery {
        Delivery::AtOnce => {}
        Delivery::After(late) => tokio::time::sleep(late).await,
        Delivery::Never => return Err(Dropped::OnPurpose),
    }
    Ok(response(&answer))
}

async fn read(request: http::Request<Incoming>) -> Result<Request, Dropped> {
    let (head, body) = request.into_parts();
    let header = |name: &str| Some(head.headers.get(name)?.to_str().ok()?.to_owned());
    let body = Limited::new(body, BODY_LIMIT).collect().await;
    let body = body.map_err(|_| Dropped::Unreadable)?.to_bytes();
    let is_post = head.method == Method::POST;
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let form = form_urlencoded::parse(if is_post { &body } else { query });
    Ok(Request {
        is_post,
        path: head.uri.path().to_owned(),
        form: form.into_owned().collect(),
        key: header("idempotency-key"),
        authorization: header(AUTHORIZATION.as_str()),
    })
}

fn response(answer: &Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body.to_string().into()));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if answer.is_replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}
