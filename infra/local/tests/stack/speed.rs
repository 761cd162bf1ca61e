//! How fast the runner is, printed: `cargo test -p fanfare-local --test stack speed -- --ignored --nocapture`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::support::{Probe, until};

const CLIENTS: usize = 16;
const MEASURED: Duration = Duration::from_secs(3);

async fn rate(
    probe: &Probe,
    target: &str,
    body: impl Fn(usize) -> Value + Send + Sync + 'static,
) -> f64 {
    let (done, body) = (Arc::new(AtomicUsize::new(0)), Arc::new(body));
    let began = Instant::now();
    let clients = (0..CLIENTS).map(|_| {
        let (done, body) = (done.clone(), body.clone());
        let (endpoint, target) = (probe.runner.endpoint().to_owned(), target.to_owned());
        tokio::spawn(async move {
            let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
            while began.elapsed() < MEASURED {
                let body = body(done.fetch_add(1, Ordering::Relaxed)).to_string();
                let request = Request::post(&endpoint).header("X-Amz-Target", &target);
                let answer =
                    client.request(request.body(Full::from(body)).expect("a request")).await;
                let answer = answer.expect("an answer");
                assert!(answer.status().is_success(), "{answer:?}");
                answer.into_body().collect().await.expect("a body");
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("done");
    }
    done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, which wants the machine to itself"]
async fn speed() {
    let began = Instant::now();
    let probe = Probe::start().await;
    println!("start to ready: {:?}", began.elapsed());
    let (table, queue) = (probe.output("Table"), probe.output("OtherQueue"));
    let get = json!({"TableName": table, "Key": {"id": {"S": "1"}}});
    println!(
        "GetItem/s: {:.0}",
        rate(&probe, "DynamoDB_20120810.GetItem", move |_| get.clone()).await
    );
    let put = move |n: usize| json!({"TableName": table, "Item": {"id": {"S": n.to_string()}, "text": {"S": "x".repeat(300)}}});
    let written = rate(&probe, "DynamoDB_20120810.PutItem", put).await;
    println!("PutItem/s on a table whose stream is read: {written:.0}");
    let send = json!({"QueueUrl": queue, "MessageBody": "x".repeat(300)});
    println!(
        "SendMessage/s: {:.0}",
        rate(&probe, "AmazonSQS.SendMessage", move |_| send.clone()).await
    );

    let disk = Probe::start_on_disk().await;
    let table = disk.output("Table");
    let put = move |n: usize| json!({"TableName": table, "Item": {"id": {"S": n.to_string()}, "text": {"S": "x".repeat(300)}}});
    println!("PutItem/s on disk: {:.0}", rate(&disk, "DynamoDB_20120810.PutItem", put).await);
    disk.stop().await.expect("stopped");

    let began = Instant::now();
    let before = probe.runner.statistics();
    let delivered = |statistics: &fanfare_local::Statistics| {
        statistics.mappings.iter().map(|m| m.records).sum::<u64>()
    };
    let behind = until("the stream", async || {
        let (one, _) = (
            delivered(&probe.runner.statistics()),
            tokio::time::sleep(Duration::from_millis(200)).await,
        );
        (delivered(&probe.runner.statistics()) == one).then_some(one - delivered(&before))
    });
    println!("stream records left after writing: {} in {:?}", behind.await, began.elapsed());

    let url = probe.output("Queue");
    let began = Instant::now();
    let messages = 5000;
    for batch in 0..messages / 10 {
        let entries: Vec<Value> = (0..10)
            .map(|n| json!({"Id": n.to_string(), "MessageBody": format!("m{batch}-{n}")}))
            .collect();
        let request = json!({"QueueUrl": url, "Entries": entries}).to_string();
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let request = Request::post(probe.runner.endpoint())
            .header("X-Amz-Target", "AmazonSQS.SendMessageBatch")
            .body(Full::from(request));
        client.request(request.expect("a request")).await.expect("sent");
    }
    until("every message", async || {
        (probe.log().iter().filter(|line| line.starts_with('m')).count() == messages).then_some(())
    })
    .await;
    println!(
        "queue to function: {:.0} messages/s",
        messages as f64 / began.elapsed().as_secs_f64()
    );
    let began = Instant::now();
    for _ in 0..1000 {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let url = format!("{}/items/1", probe.runner.api_url());
        let request = Request::post(url).body(Full::from("x")).expect("a request");
        client.request(request).await.expect("an answer");
    }
    println!("HTTP request through a function: {:?}", began.elapsed() / 1000);
    println!("{:#?}", probe.runner.statistics());
    let began = Instant::now();
    probe.stop().await.expect("stopped");
    println!("stop: {:?}", began.elapsed());
}
