//! The event table's stream: every new item, in one of several shards. There is an order within a shard alone.

use crate::chance::Chance;
use crate::tables::{EVENTS, key_of, number, text};
use crate::time::VirtualTime;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How the streams of customers begin: they come out of a FIFO queue as well, and so stay in one shard.
const CUSTOMERS: &str = "customer-";

/// A new item of the table.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) sequence_number: u64,
    pub(crate) written_at: Duration,
    pub(crate) image: Value,
}

/// The records of one shard that its reader has not come past.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    records: Mutex<VecDeque<Record>>,
    arrived: Notify,
}

/// The shards.
#[derive(Debug)]
pub(crate) struct Shards {
    time: VirtualTime,
    shards: Vec<Shard>,
    /// Whether DynamoDB has split partitions between the items of one stream, so that not even these have an order.
    are_split: bool,
    written: Mutex<u64>,
}

impl Shards {
    /// Draws how many shards there are.
    pub(crate) fn new(seed: u64, time: VirtualTime, may_split: bool) -> Self {
        let chance = Chance::new(seed, "shards");
        let shards = (0..chance.between(1..=4)).map(|_| Shard::default()).collect();
        let are_split = chance.happens(0.2) && may_split;
        Self { time, shards, are_split, written: Mutex::default() }
    }

    /// Adds the record of an item that was not there before.
    pub(crate) fn insert(&self, image: Value) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        *written += 1;
        let record = Record { sequence_number: *written, written_at: self.time.elapsed(), image };
        if let Some(shard) = self.shards.get(self.place_of(&record.image)) {
            shard.records().push_back(record);
            shard.arrived.notify_one();
        }
    }

    fn place_of(&self, image: &Value) -> usize {
        let stream = text(image, "stream");
        let version = number(image, "version").unwrap_or(0);
        let hash = stream
            .bytes()
            .fold(0_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte)));
        let within = match self.keeps_order_of(stream) {
            true => 0,
            false => usize::try_from(version).unwrap_or(0),
        };
        hash.wrapping_add(within) % self.shards.len()
    }

    /// Whether the items of a stream of the event store are in one shard.
    pub(crate) fn keeps_order_of(&self, stream: &str) -> bool {
        !self.are_split || stream.starts_with(CUSTOMERS)
    }

    /// The shards by their number.
    pub(crate) fn count(&self) -> usize {
        self.shards.len()
    }

    /// One of the shards.
    pub(crate) fn shard(&self, number: usize) -> &Shard {
        self.shards.get(number).expect("a shard that there is")
    }

    /// Whether every record was read.
    pub(crate) fn are_read(&self) -> bool {
        self.shards.iter().all(|shard| shard.records().is_empty())
    }
}

impl Shard {
    fn records(&self) -> MutexGuard<'_, VecDeque<Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first records, as many as there are up to `most`.
    pub(crate) fn first(&self, most: usize) -> Vec<Record> {
        self.records().iter().take(most).cloned().collect()
    }

    /// Goes past the records before this one.
    pub(crate) fn checkpoint(&self, sequence_number: u64) {
        self.records().retain(|record| record.sequence_number >= sequence_number);
    }

    /// Waits until there is a record.
    pub(crate) async fn wait(&self) {
        if self.records().is_empty() {
            self.arrived.notified().await;
        }
    }
}

impl Record {
    /// The record as Lambda hands it to a function.
    pub(crate) fn to_json(&self) -> Value {
        let place = self.sequence_number.to_string();
        json!({
            "awsRegion": "eu-west-1", "eventID": place, "eventName": "INSERT",
            "eventSource": "aws:dynamodb", "eventVersion": "1.1",
            "dynamodb": {
                "Keys": key_of(EVENTS, &self.image), "NewImage": self.image,
                "SequenceNumber": place, "SizeBytes": 1_000, "StreamViewType": "NEW_IMAGE",
            },
        })
    }
}
