//! A server on this machine that takes every request, and keeps what it got.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request: its head as it was, in lower case, and its body.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// A server that answers each request with `{}` after this time.
    pub(crate) async fn start(delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::default();
        let server = Self { url, requests: Arc::clone(&requests) };
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                connection.set_nodelay(true).expect("a connection");
                tokio::spawn(serve(connection, Arc::clone(&requests), delay));
            }
        });
        server
    }

    /// What arrived so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("nobody panics here").clone()
    }
}

/// An address at which nobody listens.
pub(crate) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    format!("http://{}", listener.local_addr().expect("an address"))
}

async fn serve(mut connection: TcpStream, requests: Arc<Mutex<Vec<Request>>>, delay: Duration) {
    let mut bytes = Vec::new();
    loop {
        while let Some((request, length)) = request(&bytes) {
            bytes.drain(..length);
            requests.lock().expect("nobody panics here").push(request);
            tokio::time::sleep(delay).await;
            let answer =
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
            if connection.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
        match connection.read_buf(&mut bytes).await {
            Ok(1..) => {}
            _ => return,
        }
    }
}

/// The first request in `bytes`, once it is whole, and its length.
fn request(bytes: &[u8]) -> Option<(Request, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8(bytes[..end].to_vec()).expect("a head is text").to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.trim().parse().expect("a number"));
    let body = bytes.get(end..end + length)?.to_vec();
    Some((Request { head, body }, end + length))
}
