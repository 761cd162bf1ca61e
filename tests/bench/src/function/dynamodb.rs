//! A DynamoDB that answers in 5 ms.

use super::delay::Delay;
use super::http_server::{Reply, Server, read, reply};
use super::operations;
use super::tally::Tally;
use dynoxide::Database;
use http::Request;
use hyper::body::Incoming;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::yield_now;

/// From a request's arrival to its answer.
const LATENCY: Duration = Duration::from_millis(5);

pub(crate) struct DynamoDb {
    pub(crate) server: Server,
    shared: Arc<Shared>,
}

struct Shared {
    database: Database,
    delay: Delay,
    tally: Mutex<Tally>,
}

impl DynamoDb {
    pub(crate) async fn start(database: Database) -> Self {
        let tally = Mutex::default();
        let shared = Arc::new(Shared { database, delay: Delay::new(LATENCY), tally });
        let with = Arc::clone(&shared);
        let server = Server::start(move |request| handle(Arc::clone(&with), request)).await;
        Self { server, shared }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.shared.database
    }

    /// What it was asked for so far.
    pub(crate) fn tally(&self) -> Tally {
        self.shared.tally().clone()
    }
}

impl Shared {
    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what a request asks for, and notes what it was.
    fn answer(&self, operation: &str, body: &[u8], arrived: Instant) -> (u16, String) {
        let mut tally = self.tally();
        let answer = operations::answer(&self.database, operation, body, &mut tally);
        tally.requests += 1;
        tally.late += u64::from(arrived.elapsed() > LATENCY);
        answer
    }
}

async fn handle(shared: Arc<Shared>, request: Request<Incoming>) -> Reply {
    let arrived = Instant::now();
    let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
    let operation = target.and_then(|target| target.split('.').next_back());
    let operation = operation.expect("a request to DynamoDB").to_owned();
    let body = read(request.into_body()).await;
    // Requests that came together are noted first and worked off after: none waits for another.
    yield_now().await;
    let (status, answer) = shared.answer(&operation, &body, arrived);
    shared.delay.since(arrived).await;
    reply(status, answer)
}
