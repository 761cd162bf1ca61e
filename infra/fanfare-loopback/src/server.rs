//! A server: who gets in, how many at a time, and for how long.

use std::future::Future;
use std::sync::{Arc, Once};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use crate::Callers;

/// How long the head of a request may take, and how long a connection may stay that asks nothing.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How many headers a request may have, and how many bytes they and its first line may have together. API Gateway
/// takes 10,240 bytes (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>), SDKs send 2 KB.
const HEADERS: usize = 100;
const HEAD_LIMIT: usize = 64 * 1024;

/// Connections of one server, unless it is told otherwise: half of the 1,024 files that a process may usually open.
const CONNECTIONS: usize = 512;

/// How long a stopping server waits for the requests that are being answered.
const GRACE: Duration = Duration::from_millis(300);

/// How long to wait after a connection could not be accepted. It is for want of file descriptors, most likely, and
/// accepting again at once would spin.
const AFTER_FAILURE: Duration = Duration::from_millis(50);

/// What is answered.
pub type Reply = Response<Full<Bytes>>;

/// A server that is about to listen.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    callers: Callers,
    connections: usize,
}

impl Server {
    /// A server for whoever calls it by a name of this machine.
    pub fn new(listener: TcpListener) -> Self {
        Self { listener, callers: Callers::default(), connections: CONNECTIONS }
    }

    /// The same server for these callers.
    #[must_use]
    pub fn for_callers(self, callers: Callers) -> Self {
        Self { callers, ..self }
    }

    /// The same server with so many connections at a time. Further ones are not refused: they wait in the system's queue until
    /// one ends.
    #[must_use]
    pub fn with_connections(self, connections: usize) -> Self {
        Self { connections, ..self }
    }

    /// Serves until `stop` ends, then lets the requests under way end within 300 ms. Whom `callers` do not know gets a 403
    /// before the handler hears of it. An error of the handler drops the connection without an answer.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use fanfare_loopback::{Reply, Server};
    /// use std::convert::Infallible;
    ///
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// let hello = |_| async { Ok::<_, Infallible>(Reply::new("hello".into())) };
    /// Server::new(listener).serve(hello, std::future::ready(())).await;
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub async fn serve<H, F, E>(self, handler: H, stop: impl Future<Output = ()>)
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Reply, E>> + Send + 'static,
        E: std::error::Error + Send + Sync + 'static,
    {
        let places = Places { free: Arc::new(Semaphore::new(self.connections)), told: Once::new() };
        let (stopping, stopped) = watch::channel(());
        let mut connections = JoinSet::new();
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                Some((stream, place)) = places.accept(&self.listener) => {
                    let connection =
                        connection(stream, self.callers.clone(), handler.clone(), stopped.clone());
                    connections.spawn(async move {
                        connection.await;
                        drop(place);
                    });
                }
                Some(_) = connections.join_next() => {}
            }
        }
        drop((self.listener, stopping));
        let all_ended = async { while connections.join_next().await.is_some() {} };
        // Past the grace period, dropping the set ends what is left.
        drop(tokio::time::timeout(GRACE, all_ended).await);
    }
}

/// Room for connections.
struct Places {
    free: Arc<Semaphore>,
    /// Once is enough to say that there is none.
    told: Once,
}

impl Places {
    /// The next connection, once there is a place for it.
    async fn accept(&self, listener: &TcpListener) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        if self.free.available_permits() == 0 {
            let say = || tracing::warn!("too many connections; further ones wait until one ends");
            self.told.call_once(say);
        }
        let place = self.free.clone().acquire_owned().await.ok()?;
        match listener.accept().await {
            Ok((stream, _)) => Some((stream, place)),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(AFTER_FAILURE).await;
                None
            }
        }
    }
}

async fn connection<H, F, E>(
    stream: TcpStream,
    callers: Callers,
    handler: H,
    mut stopped: watch::Receiver<()>,
) where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Reply, E>> + Send + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY is not available; answers may be held back");
    }
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = match callers.admit(request.uri(), request.headers()) {
            Ok(()) => Ok(handler(request)),
            Err(refusal) => Err(refused(&refusal)),
        };
        async move {
            match answer {
                Ok(answer) => answer.await,
                Err(refused) => Ok(refused),
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        // The sender is dropped when the server stops.
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection ended early");
    }
}

/// The answer to somebody who may not ask, as a problem document (RFC 9457).
fn refused(refusal: &crate::Refusal) -> Reply {
    let problem = json!({"title": "Forbidden", "status": 403, "detail": refusal.to_string()});
    let mut reply = Reply::new(Full::new(problem.to_string().into()));
    *reply.status_mut() = StatusCode::FORBIDDEN;
    let problem = HeaderValue::from_static("application/problem+json");
    reply.headers_mut().insert(CONTENT_TYPE, problem);
    reply
}
