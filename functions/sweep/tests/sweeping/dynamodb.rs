//! A table of sagas and one of events on this machine, as far as the sweep asks of them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of an order's transaction.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    Taken,
    Error,
    Conflict,
    Hangs,
}

struct State {
    /// By order: the partition of its mark, and since when.
    marks: BTreeMap<String, (String, i64)>,
    /// What the index shows, in its order: since when, and the order.
    index: BTreeMap<String, BTreeSet<(i64, String)>>,
    /// By stream and version, the type.
    events: BTreeMap<(String, u64), String>,
    fate: fn(&str) -> Fate,
    refused_lane: Option<String>,
    delay: Duration,
}

#[derive(Clone)]
pub(crate) struct DynamoDb {
    url: String,
    state: Arc<Mutex<State>>,
}

impl DynamoDb {
    pub(crate) async fn with(sagas: &[(String, String, i64)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = State {
            marks: BTreeMap::new(),
            index: BTreeMap::new(),
            events: BTreeMap::new(),
            fate: |_| Fate::Taken,
            refused_lane: None,
            delay: Duration::ZERO,
        };
        let server = Self { url, state: Arc::new(Mutex::new(state)) };
        sagas.iter().for_each(|saga| server.put(saga));
        let here = server.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                connection.set_nodelay(true).unwrap();
                tokio::spawn(here.clone().serve(connection));
            }
        });
        server
    }

    pub(crate) fn client(&self) -> Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .allow_no_auth()
            .retry_config(RetryConfig::disabled())
            .endpoint_url(&self.url)
            .build();
        Client::from_conf(config)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Marks a saga.
    pub(crate) fn put(&self, (order, lane, since): &(String, String, i64)) {
        let mut state = self.state();
        state.marks.insert(order.clone(), (lane.clone(), *since));
        state.index.entry(lane.clone()).or_default().insert((*since, order.clone()));
    }

    /// Takes a saga's mark away, which the index does not show yet.
    pub(crate) fn moves_on(&self, order: &str) {
        self.state().marks.remove(order);
    }

    pub(crate) fn set_fate(&self, fate: fn(&str) -> Fate) {
        self.state().fate = fate;
    }

    pub(crate) fn set_delay(&self, delay: Duration) {
        self.state().delay = delay;
    }

    pub(crate) fn refuse_lane(&self, lane: &str) {
        self.state().refused_lane = Some(lane.to_owned());
    }

    /// The orders that are marked.
    pub(crate) fn waiting(&self) -> Vec<String> {
        self.state().marks.keys().cloned().collect()
    }

    /// Every event as type, stream and version, sorted.
    pub(crate) fn announced(&self) -> Vec<String> {
        let state = self.state();
        let events = state.events.iter();
        let mut events: Vec<_> =
            events.map(|((stream, version), kind)| format!("{kind} {stream} {version}")).collect();
        events.sort();
        events
    }

    async fn serve(self, mut connection: TcpStream) {
        let mut bytes = Vec::new();
        loop {
            while let Some((operation, body, length)) = request(&bytes) {
                bytes.drain(..length);
                let delay = self.state().delay;
                tokio::time::sleep(delay).await;
                let Some((status, answer)) = self.answer(&operation, &body) else {
                    std::future::pending().await
                };
                let answer = answer.to_string();
                let length = answer.len();
                let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n");
                if connection.write_all((head + &answer).as_bytes()).await.is_err() {
                    return;
                }
            }
            match connection.read_buf(&mut bytes).await {
                Ok(1..) => {}
                _ => return,
            }
        }
    }

    fn answer(&self, operation: &str, body: &Value) -> Option<(u16, Value)> {
        let mut state = self.state();
        match operation {
            "query" if body["IndexName"].is_null() => Some((200, state.head(body))),
            "query" => Some(state.page(body)),
            "updateitem" => Some(state.update(body)),
            _ => state.transact(body),
        }
    }
}

impl State {
    fn head(&self, query: &Value) -> Value {
        let stream = query["ExpressionAttributeValues"][":stream"]["S"].as_str().unwrap();
        let versions = self.events.keys().filter(|(name, _)| name == stream);
        let last = versions.map(|(_, version)| *version).max();
        let items = last.map(|version| json!({"version": {"N": version.to_string()}}));
        json!({"Items": items.into_iter().collect::<Vec<_>>(), "Count": 1, "ScannedCount": 1})
    }

    fn page(&self, query: &Value) -> (u16, Value) {
        let values = &query["ExpressionAttributeValues"];
        let lane = values[":lane"]["S"].as_str().unwrap();
        if self.refused_lane.as_deref() == Some(lane) {
            return (
                400,
                json!({"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}),
            );
        }
        let before: i64 = values[":before"]["N"].as_str().unwrap().parse().unwrap();
        let empty = BTreeSet::new();
        let due = self.index.get(lane).unwrap_or(&empty).iter();
        let mut due: Vec<_> = due.filter(|(since, _)| *since < before).collect();
        if query["ScanIndexForward"] == false {
            due.reverse();
        }
        let start = query["ExclusiveStartKey"]["orderId"]["S"].as_str();
        let begin = start.map_or(0, |start| due.iter().position(|(_, o)| o == start).unwrap() + 1);
        let limit = usize::try_from(query["Limit"].as_u64().unwrap()).unwrap();
        let item = |(since, order): &&(i64, String)| json!({"orderId": {"S": order}, "open": {"S": lane}, "openSince": {"N": since.to_string()}});
        let page: Vec<Value> = due[begin..].iter().take(limit).map(item).collect();
        let mut answer = json!({"Items": page, "Count": page.len(), "ScannedCount": page.len()});
        if begin + page.len() < due.len() {
            answer["LastEvaluatedKey"] = page.last().unwrap().clone();
        }
        (200, answer)
    }

    /// Whether the mark that a write asks for is there.
    fn is_marked(&self, update: &Value) -> bool {
        let order = update["Key"]["orderId"]["S"].as_str().unwrap();
        let values = &update["ExpressionAttributeValues"];
        self.marks.get(order).is_some_and(|(lane, since)| {
            values[":lane"]["S"] == *lane
                && values[":since"]["N"].as_str() == Some(&since.to_string())
        })
    }

    fn unmark(&mut self, update: &Value) {
        let order = update["Key"]["orderId"]["S"].as_str().unwrap();
        if let Some((lane, since)) = self.marks.remove(order) {
            self.index.get_mut(&lane).unwrap().remove(&(since, order.to_owned()));
        }
    }

    fn update(&mut self, update: &Value) -> (u16, Value) {
        if !self.is_marked(update) {
            let error = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
            return (400, json!({"__type": error}));
        }
        self.unmark(update);
        (200, json!({}))
    }

    fn transact(&mut self, body: &Value) -> Option<(u16, Value)> {
        let (put, update) = (&body["TransactItems"][0]["Put"], &body["TransactItems"][1]["Update"]);
        let order = update["Key"]["orderId"]["S"].as_str().unwrap();
        let text = |name: &str| put["Item"][name]["S"].as_str().unwrap().to_owned();
        let version = put["Item"]["version"]["N"].as_str().unwrap().parse().unwrap();
        let place = (text("stream"), version);
        let failed = |fails: bool| if fails { "ConditionalCheckFailed" } else { "None" };
        match (self.fate)(order) {
            Fate::Hangs => return None,
            Fate::Error => return Some((500, json!({"__type": "InternalServerError"}))),
            Fate::Conflict => return Some(cancelled(["None", "TransactionConflict"])),
            Fate::Taken => {}
        }
        let (is_taken, is_marked) = (self.events.contains_key(&place), self.is_marked(update));
        if is_taken || !is_marked {
            return Some(cancelled([failed(is_taken), failed(!is_marked)]));
        }
        self.events.insert(place, text("eventType"));
        self.unmark(update);
        Some((200, json!({})))
    }
}

fn cancelled(codes: [&str; 2]) -> (u16, Value) {
    let error = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    let reasons = codes.map(|code| json!({"Code": code}));
    (400, json!({"__type": error, "Message": "cancelled", "CancellationReasons": reasons}))
}

/// The operation and the body of the first request in `bytes`, once it is whole, and the request's length.
fn request(bytes: &[u8]) -> Option<(String, Value, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let length: usize = header("content-length:").map_or(0, |length| length.parse().unwrap());
    let body = serde_json::from_slice(bytes.get(end..end + length)?).unwrap();
    let (_, operation) = header("x-amz-target:").unwrap().split_once('.').unwrap();
    let operation = operation.rsplit('.').next().unwrap().to_owned();
    Some((operation, body, end + length))
}
