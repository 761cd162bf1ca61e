//! A small HTTP/1.1 server.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub(crate) type Reply = Response<Full<Bytes>>;

/// A server on a free port of this machine; it ends when this is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    _accepting: JoinSet<()>,
}

impl Server {
    pub(crate) async fn start<H, F>(handler: H) -> Self
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut accepting = JoinSet::new();
        accepting.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, handler.clone()));
            }
        });
        Self { address, _accepting: accepting }
    }
}

async fn serve<H, F>(stream: TcpStream, handler: H)
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    stream.set_nodelay(true).expect("answers go out at once");
    let service = service_fn(move |request| {
        let reply = handler(request);
        async move { Ok::<_, Infallible>(reply.await) }
    });
    let connection = hyper::server::conn::http1::Builder::new();
    // A function that is killed breaks its connections off.
    drop(connection.serve_connection(TokioIo::new(stream), service).await);
}

/// Reads a whole body.
pub(crate) async fn read(body: Incoming) -> Bytes {
    body.collect().await.map(|body| body.to_bytes()).unwrap_or_default()
}

/// An answer with this status.
pub(crate) fn reply(status: u16, body: impl Into<Bytes>) -> Reply {
    let reply = Response::builder().status(status).header("content-type", "application/json");
    reply.body(Full::new(body.into())).expect("a valid answer")
}
