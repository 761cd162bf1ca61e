//! The Lambda Runtime API, as far as a function needs it
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).

use super::http_server::{Reply, Server, read, reply};
use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use hyper::body::Incoming;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The time that an invocation has, as the template gives it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Hands batches to one function process, and takes its answers.
pub(crate) struct RuntimeApi {
    pub(crate) server: Server,
    work: UnboundedSender<Bytes>,
    polls: UnboundedReceiver<Instant>,
    answers: UnboundedReceiver<(Instant, Bytes)>,
}

/// The other ends.
struct Shared {
    work: Mutex<UnboundedReceiver<Bytes>>,
    polls: UnboundedSender<Instant>,
    answers: UnboundedSender<(Instant, Bytes)>,
}

impl RuntimeApi {
    pub(crate) async fn start() -> Self {
        let (work, next) = unbounded_channel();
        let (polled, polls) = unbounded_channel();
        let (answered, answers) = unbounded_channel();
        let shared = Shared { work: Mutex::new(next), polls: polled, answers: answered };
        let shared = Arc::new(shared);
        let server = Server::start(move |request| handle(Arc::clone(&shared), request)).await;
        Self { server, work, polls, answers }
    }

    /// When the function asked for work, for the first time since this was called last.
    pub(crate) async fn polled(&mut self) -> Instant {
        let first = self.polls.recv().await.expect("the server runs");
        while self.polls.try_recv().is_ok() {}
        first
    }

    /// Has the function handle these batches, one after the other, and gives the time from the first to the
    /// last answer's arrival.
    ///
    /// # Panics
    /// When it fails one or a message of one.
    pub(crate) async fn handle(&mut self, batches: &[Bytes]) -> Duration {
        let begun = Instant::now();
        let mut ended = begun;
        for batch in batches {
            self.work.send(batch.clone()).expect("the server runs");
        }
        for _ in batches {
            let (when, answer) = self.answers.recv().await.expect("the server runs");
            let answer = String::from_utf8_lossy(&answer);
            assert_eq!(answer, r#"{"batchItemFailures":[]}"#, "a message failed");
            ended = when;
        }
        ended - begun
    }
}

async fn handle(shared: Arc<Shared>, request: Request<Incoming>) -> Reply {
    let arrived = Instant::now();
    let path = request.uri().path().to_owned();
    if request.method() == Method::GET {
        // Whoever is not interested in polls or answers any more does not take them.
        shared.polls.send(arrived).ok();
        return match shared.work.lock().await.recv().await {
            Some(batch) => invocation(batch),
            None => reply(410, "no more work"),
        };
    }
    let body = read(request.into_body()).await;
    assert!(path.ends_with("/response"), "{}", String::from_utf8_lossy(&body));
    shared.answers.send((arrived, body)).ok();
    reply(202, "")
}

fn invocation(batch: Bytes) -> Reply {
    let deadline = (SystemTime::now() + TIMEOUT).duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut reply = reply(200, batch);
    let headers = reply.headers_mut();
    headers.insert(
        "lambda-runtime-aws-request-id",
        HeaderValue::from_static("8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
    );
    headers.insert(
        "lambda-runtime-invoked-function-arn",
        HeaderValue::from_static("arn:aws:lambda:us-east-1:000000000000:function:bench"),
    );
    headers.insert(
        "lambda-runtime-trace-id",
        HeaderValue::from_static("Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"),
    );
    let deadline = HeaderValue::from_str(&deadline.as_millis().to_string());
    headers.insert("lambda-runtime-deadline-ms", deadline.expect("digits"));
    reply
}
