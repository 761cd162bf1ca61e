//! The HTTP server around the gateway.

use crate::answer::{Answer, Delivery};
use crate::routes::{Request, answer};
use crate::{Gateway, lock};
use fanfare_loopback::{Callers, Reply, Server, read_body};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use hyper::body::Incoming;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

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

/// What containers call the machine that they run on.
const FROM_CONTAINERS: &str = "host.docker.internal";

/// Serves whoever on this machine asks, until it is aborted; containers too, where it listens for them.
pub(crate) async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    gateway: Arc<Mutex<Gateway>>,
) {
    let callers = match address.ip().is_loopback() {
        true => Callers::default(),
        false => Callers::also_by([FROM_CONTAINERS.to_owned()]),
    };
    let handler = move |request| respond(request, Arc::clone(&gateway));
    Server::new(listener).for_callers(callers).serve(handler, pending()).await;
}

async fn respond(
    request: http::Request<Incoming>,
    gateway: Arc<Mutex<Gateway>>,
) -> Result<Reply, Dropped> {
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
    let body = read_body(body, BODY_LIMIT).await.map_err(|_| Dropped::Unreadable)?;
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

fn response(answer: &Answer) -> Reply {
    let mut response = Reply::new(answer.body.to_string().into());
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if answer.is_replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}
