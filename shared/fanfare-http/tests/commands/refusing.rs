//! A DynamoDB on this machine that refuses transactions as a test says, and then takes them. It reads no stream.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone)]
pub(crate) struct DynamoDb {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The answers to come, each with its status.
    refusals: VecDeque<(u16, String)>,
    transactions: usize,
}

impl DynamoDb {
    /// Refuses as many transactions as there are answers, by them.
    pub(crate) async fn refusing(refusals: &[(u16, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let refusals = refusals.iter().cloned().collect();
        let state = Arc::new(Mutex::new(State { refusals, transactions: 0 }));
        let server = Self { url, state };
        let here = server.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                connection.set_nodelay(true).unwrap();
                tokio::spawn(here.clone().serve(connection));
            }
        });
        server
    }

    /// How many transactions arrived.
    pub(crate) fn transactions(&self) -> usize {
        self.state.lock().unwrap().transactions
    }

    async fn serve(self, mut connection: TcpStream) {
        let mut bytes = Vec::new();
        loop {
            while let Some((head, length)) = request(&bytes) {
                bytes.drain(..length);
                let (status, body) = self.answer(&head);
                let length = body.len();
                let answer =
                    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{body}");
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

    fn answer(&self, head: &str) -> (u16, String) {
        if head.contains(".query") {
            return (200, r#"{"Items":[],"Count":0,"ScannedCount":0}"#.to_owned());
        }
        let mut state = self.state.lock().unwrap();
        state.transactions += 1;
        state.refusals.pop_front().unwrap_or((200, "{}".to_owned()))
    }
}

/// The answer that cancels a transaction for these reasons, one for each item.
pub(crate) fn cancelled(codes: &[&str]) -> (u16, String) {
    let reasons: Vec<_> = codes.iter().map(|code| serde_json::json!({ "Code": code })).collect();
    let error = serde_json::json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "cancelled", "CancellationReasons": reasons,
    });
    (400, error.to_string())
}

/// The answer of an error of this name.
pub(crate) fn error(name: &str) -> (u16, String) {
    let error = serde_json::json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{name}") });
    (400, error.to_string())
}

/// The head, in lower case, of the first request in `bytes` once it is whole, and the request's length.
fn request(bytes: &[u8]) -> Option<(String, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
    (bytes.len() >= end + length).then_some((head, end + length))
}
