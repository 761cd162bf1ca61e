//! The relay as Lambda calls it: several shards, of each a batch at a time, which is bisected when the function dies and goes
//! on from the first that is reported. The function dies between publishing and reporting, its time runs out, and SNS refuses
//! some of every batch: all the same every event is published, each stream in its order, and nothing waits for ever.

use crate::aws::{Aws, Behaviour, Fate};
use crate::batches::{PLENTY, record, relayed};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const SHARDS: usize = 3;
const STREAMS: usize = 7;
const EVENTS: usize = 40;
/// The most that Lambda puts into a batch: `BatchSize` of a relay's trigger.
const BATCH: usize = 100;
/// More invocations than a shard can need, however unlucky it is.
const ENOUGH: usize = 2_000;

/// A sequence of numbers that looks like chance, and is the same in every run.
struct Chance(fastrand::Rng);

impl Chance {
    fn happens(&mut self, percent: u32) -> bool {
        self.0.u32(0..100) < percent
    }
}

/// Refuses one entry in four, each for something that can pass.
fn fickle(_: &str) -> Fate {
    static ENTRIES: AtomicU64 = AtomicU64::new(0);
    match ENTRIES.fetch_add(1, Ordering::Relaxed) % 12 {
        0 => Fate::Refused("Throttled", true),
        4 => Fate::Refused("InternalError", false),
        8 => Fate::Forgotten,
        _ => Fate::Taken,
    }
}

/// The records of a shard: the events of its streams, mixed, and one that something else wrote and SNS can't take.
fn shard(n: usize, chance: &mut Chance) -> Vec<Value> {
    let streams: Vec<_> = (0..STREAMS).filter(|stream| stream % SHARDS == n).collect();
    let mut next: HashMap<usize, usize> = HashMap::new();
    let mut records = Vec::new();
    while streams.iter().any(|stream| next.get(stream).copied().unwrap_or(0) < EVENTS) {
        let stream = *chance.0.choice(&streams).unwrap();
        let number = next.entry(stream).or_insert(0);
        if *number == EVENTS {
            continue;
        }
        let (name, event) = (format!("s{stream}"), format!("s{stream} {number:03}"));
        // Some fill a request by their bytes before it holds ten.
        let padding = if chance.happens(10) { 60_000 } else { 0 };
        let event = format!("{event}{}", " ".repeat(padding));
        records.push(record(records.len() + 1, &name, Some(&event)));
        *number += 1;
    }
    let foreign = chance.0.usize(0..records.len());
    let large = "x".repeat(300_000);
    records.insert(foreign, record(0, &format!("foreign-{n}"), Some(&large)));
    for (place, record) in (1..).zip(&mut records) {
        record["dynamodb"]["SequenceNumber"] = place.to_string().into();
    }
    records
}

/// Polls a shard to its end, as Lambda's event source mapping does.
async fn poll(aws: &Aws, records: &[Value], mut chance: Chance) {
    let (mut checkpoint, mut size) = (0, BATCH);
    for _ in 0..ENOUGH {
        let end = records.len().min(checkpoint + size);
        if checkpoint == end {
            return;
        }
        let batch = json!({ "Records": &records[checkpoint..end] });
        let batch = serde_json::from_value(batch).unwrap();
        // Some invocations have hardly any time.
        let time = if chance.happens(20) { Duration::from_millis(15) } else { PLENTY };
        let first_unsent = relayed(aws, batch, time).await;
        if chance.happens(15) {
            // It died before its answer arrived: half of the batch, once more.
            size = (end - checkpoint).div_ceil(2);
            continue;
        }
        checkpoint = match first_unsent {
            None => end,
            Some(number) => {
                let place = number.parse::<usize>().unwrap() - 1;
                assert!((checkpoint..end).contains(&place), "{place} is not in the batch");
                place
            }
        };
        size = BATCH;
    }
    panic!("the shard stands at {checkpoint} of {}", records.len());
}

/// A stream's events in the order in which SNS took each of them first.
fn first_of(stream: usize, published: &[String]) -> Vec<String> {
    let mut first: Vec<String> = Vec::new();
    let ours = published.iter().filter(|event| event.starts_with(&format!("s{stream} ")));
    for event in ours.map(|event| event.trim_end().to_owned()) {
        if !first.contains(&event) {
            first.push(event);
        }
    }
    first
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_published_in_its_stream_s_order_whatever_fails_on_the_way() {
    for seed in 1..=3 {
        let delay = Duration::from_millis(2);
        let aws = Aws::start(Behaviour { fate: fickle, delay, ..Behaviour::default() }).await;
        let chance = |n: usize| Chance(fastrand::Rng::with_seed(seed * 100 + n as u64));
        let shards: Vec<_> = (0..SHARDS).map(|n| shard(n, &mut chance(n))).collect();

        let polls = (0..SHARDS).map(|n| poll(&aws, &shards[n], chance(10 + n)));
        futures_util::future::join_all(polls).await;

        let published = aws.published();
        for stream in 0..STREAMS {
            let all: Vec<_> = (0..EVENTS).map(|n| format!("s{stream} {n:03}")).collect();
            assert_eq!(first_of(stream, &published), all, "seed {seed}, stream s{stream}");
        }
        assert!(
            published.iter().all(|event| event.starts_with('s')),
            "what SNS can't take is not sent"
        );
        for n in 0..SHARDS {
            let foreign = format!("foreign-{n}");
            let letters = aws.dead_letters();
            assert!(letters.iter().any(|letter| letter.contains(&foreign)), "{foreign} is told of");
        }
    }
}
