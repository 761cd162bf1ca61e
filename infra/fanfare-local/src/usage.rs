//! What AWS would bill for: requests, units and time, counted as AWS's price pages count them, by who caused them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use dynoxide::types::ConsumedCapacity;
use serde::{Deserialize, Serialize};

/// Bytes of a request to SQS or SNS that are billed as one
/// (<https://aws.amazon.com/sqs/pricing/>, <https://aws.amazon.com/sns/pricing/>).
const CHUNK: usize = 64 * 1024;
/// What callers go by that are no functions: commands, tests, a program beside the runner.
pub const OUTSIDE: &str = "outside";

/// Things that are told apart at the most: callers name some of them, and what they name must not fill the memory.
const MOST: usize = 4096;
/// What all further things go by.
const OTHERS: &str = "others";

/// What is billed by the piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Meter {
    /// DynamoDB's write request units of on-demand tables, their indexes' included.
    DynamodbWriteUnits,
    /// DynamoDB's read request units of on-demand tables.
    DynamodbReadUnits,
    /// Requests to standard queues, in chunks of 64 KB.
    SqsRequests,
    /// Requests to FIFO queues, in chunks of 64 KB.
    SqsFifoRequests,
    /// Publishing requests to SNS, in chunks of 64 KB. Deliveries to queues and functions are free.
    SnsRequests,
    /// Mails.
    SesMails,
    /// Invocations.
    LambdaRequests,
    /// GB-seconds on x86-64.
    LambdaGbSecondsX86,
    /// GB-seconds on arm64.
    LambdaGbSecondsArm,
    /// Requests to the HTTP API.
    HttpApiRequests,
    /// Bytes that functions log.
    LogBytes,
}

impl Meter {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::DynamodbWriteUnits,
        Self::DynamodbReadUnits,
        Self::SqsRequests,
        Self::SqsFifoRequests,
        Self::SnsRequests,
        Self::SesMails,
        Self::LambdaRequests,
        Self::LambdaGbSecondsX86,
        Self::LambdaGbSecondsArm,
        Self::HttpApiRequests,
        Self::LogBytes,
    ];
}

/// How much of one thing one caller used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UsageLine {
    /// A function's name in the template, or [`OUTSIDE`].
    pub by: String,
    /// What it used.
    pub meter: Meter,
    /// Of which resource: a table, a queue, a route.
    pub of: String,
    /// How much.
    pub amount: f64,
}

/// What was used since the runner started, and what that was for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Usage {
    /// What was used.
    pub lines: Vec<UsageLine>,
    /// How many events of each type were published, and how many requests each route of the HTTP API got.
    pub occasions: BTreeMap<String, u64>,
}

/// Counts.
#[derive(Debug, Default)]
pub(crate) struct Metering(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    amounts: BTreeMap<(String, Meter, String), f64>,
    occasions: BTreeMap<String, u64>,
}

impl Metering {
    pub(crate) fn add(&self, by: &str, meter: Meter, of: &str, amount: f64) {
        let mut counts = self.lock();
        let key = |of: &str| (by.to_owned(), meter, of.to_owned());
        let is_known = counts.amounts.len() < MOST || counts.amounts.contains_key(&key(of));
        let of = if is_known { of } else { OTHERS };
        *counts.amounts.entry(key(of)).or_default() += amount;
    }

    /// Takes note of what a DynamoDB request consumed.
    pub(crate) fn consumed(&self, by: &str, meter: Meter, consumed: &[ConsumedCapacity]) {
        for table in consumed {
            self.add(by, meter, &table.table_name, table.capacity_units);
        }
    }

    /// Takes note of an event, or of a request to a route.
    pub(crate) fn occasion(&self, what: &str) {
        let mut counts = self.lock();
        let is_known = counts.occasions.len() < MOST || counts.occasions.contains_key(what);
        let what = if is_known { what } else { OTHERS };
        *counts.occasions.entry(what.to_owned()).or_default() += 1;
    }

    pub(crate) fn read(&self) -> Usage {
        let counts = self.lock();
        let line = |((by, meter, of), amount): (&(String, Meter, String), &f64)| UsageLine {
            by: by.clone(),
            meter: *meter,
            of: of.clone(),
            amount: *amount,
        };
        Usage {
            lines: counts.amounts.iter().map(line).collect(),
            occasions: counts.occasions.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // Whoever panicked left a count missing.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UsageLine {
    pub(crate) fn new(by: &str, meter: Meter, of: &str, amount: f64) -> Self {
        Self { by: by.to_owned(), meter, of: of.to_owned(), amount }
    }
}

/// A count as an amount; exact up to 2^53.
#[allow(clippy::cast_precision_loss, reason = "nobody counts that far")]
pub(crate) fn real(count: u64) -> f64 {
    count as f64
}

/// As how many requests a request of this many bytes is billed.
pub(crate) fn chunks(bytes: usize) -> f64 {
    real(bytes.div_ceil(CHUNK).max(1) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_callers_make_up_does_not_fill_the_memory_and_is_counted_all_the_same() {
        let metering = Metering::default();
        for n in 0..2 * MOST {
            metering.add(OUTSIDE, Meter::SqsRequests, &format!("MadeUp{n}"), 1.0);
            metering.occasion(&format!("MadeUp{n}"));
        }

        let usage = metering.read();

        assert_eq!((usage.lines.len(), usage.occasions.len()), (MOST + 1, MOST + 1));
        let sum: f64 = usage.lines.iter().map(|line| line.amount).sum();
        assert!((sum - real(2 * MOST as u64)).abs() < 1e-9, "{sum}");
        assert_eq!(usage.occasions.values().sum::<u64>(), 2 * MOST as u64);
    }

    #[test]
    fn a_request_is_billed_by_chunks_of_64_kb_and_as_one_at_least() {
        let of = |bytes| chunks(bytes).round() as u32;
        assert_eq!([of(0), of(1), of(CHUNK), of(CHUNK + 1), of(16 * CHUNK)], [1, 1, 1, 2, 16]);
    }
}
