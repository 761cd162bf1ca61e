//! The real relay, fed by each shard as Lambda's event-source mapping for DynamoDB streams feeds it: a batch at a time,
//! bisected when the function dies, and again from the first record that is reported.

use crate::aws;
use crate::cloud::Cloud;
use crate::crash::{Fate, Fated};
use crate::faults::Fault;
use crate::invocation::Caller;
use crate::mapping::FUNCTION_TIMEOUT;
use crate::mutants::Mutant;
use crate::shards::{Record, Shard};
use crate::tables::{self, EVENTS, text};
use crate::time::EnvironmentClock;
use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::streams::DynamoDbEventResponse;
use fanfare_relay::{Publisher, Settings, relay};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The relay's trigger in the template: records of a batch, and how old one may grow.
pub(crate) const BATCH_SIZE: usize = 100;
pub(crate) const MAXIMUM_AGE: Duration = Duration::from_secs(72_000);
/// What the function keeps of its time for its answer to reach Lambda.
const RESERVE: Duration = Duration::from_millis(500);
/// How long it takes to see what was written.
const PAUSE: u64 = 200;
/// How long a shard waits after failures in a row: AWS does not say how Lambda does.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How the streams begin that something else has written, which are no events.
pub(crate) const FOREIGN: &str = "foreign-";

/// The queue of what can't be published.
pub(crate) const DEAD_LETTERS: &str = "relay-dead-letters";

/// What an invocation came to.
enum End {
    /// It was answered: everything is published, or from this record on it is not.
    Reported(Option<u64>),
    Died,
}

/// The reader of one shard.
pub(crate) struct ShardPoller {
    cloud: Arc<Cloud>,
    number: usize,
    relay: Option<Relay>,
    started: u64,
    /// Records of the next batch: fewer once it was bisected.
    size: usize,
    /// Batches in a row that came to nothing.
    failures: u32,
}

/// A running function.
struct Relay {
    caller: Arc<Caller>,
    publisher: Publisher,
}

impl Relay {
    fn start(cloud: &Arc<Cloud>, id: String) -> Self {
        let faults_are_on = cloud.faults.switch();
        let clock = EnvironmentClock { time: cloud.time, skew: 0, faults_are_on };
        let caller = Caller::new(id, clock, true);
        let settings = Settings {
            topic: "arn:aws:sns:eu-west-1:000000000000:events".to_owned(),
            dead_letter_queue_url: aws::url(DEAD_LETTERS),
        };
        let (sns, sqs) = (aws::sns_client(cloud, &caller), aws::sqs_client(cloud, &caller));
        Self { caller, publisher: Publisher::new(sns, sqs, settings) }
    }
}

impl ShardPoller {
    pub(crate) fn new(cloud: Arc<Cloud>, number: usize) -> Self {
        Self { cloud, number, relay: None, started: 0, size: BATCH_SIZE, failures: 0 }
    }

    /// Reads the shard until the run is over.
    pub(crate) async fn run(mut self) {
        let cloud = Arc::clone(&self.cloud);
        let shard = cloud.shards.shard(self.number);
        while !cloud.is_over() {
            shard.wait().await;
            let busy = cloud.busy();
            sleep(cloud.chance.millis(1..=PAUSE)).await;
            self.forget_what_is_too_old(shard);
            let batch = shard.first(self.size);
            if !batch.is_empty() {
                let end = self.invoke(&batch).await;
                self.go_on(shard, &batch, end).await;
            }
            drop(busy);
        }
    }

    /// Lambda passes over what has grown too old. Nothing is to grow that old here.
    fn forget_what_is_too_old(&self, shard: &Shard) {
        for record in shard.first(BATCH_SIZE) {
            if self.cloud.time.elapsed() > record.written_at + MAXIMUM_AGE {
                let stream = text(&record.image, "stream");
                self.cloud.history.violation(format!("a record of {stream} grew too old"));
                shard.checkpoint(record.sequence_number + 1);
            }
        }
    }

    /// Invokes the function with a batch.
    async fn invoke(&mut self, batch: &[Record]) -> End {
        let (cloud, faults) = (Arc::clone(&self.cloud), &self.cloud.faults);
        let relay = self.relay.take().unwrap_or_else(|| {
            self.started += 1;
            Relay::start(&cloud, format!("relay.{}.{}", self.number, self.started))
        });
        let chance = faults.chance();
        let stall = faults.strike(Fault::Overrun).then(|| {
            let after = Duration::from_millis(chance.magnitude(1..=1_000));
            (after, chance.millis(20_000..=150_000))
        });
        let polls = faults.would_strike(Fault::CrashAtPoll).then(|| chance.magnitude(1..=60));
        let hangs = faults.would_strike(Fault::TimeOut).then(|| chance.magnitude(1..=60));
        let dies_at = faults.would_strike(Fault::CrashAtTime).then(|| chance.magnitude(1..=10_000));
        let lives = Duration::from_millis(dies_at.unwrap_or(u64::MAX >> 1));
        let time = FUNCTION_TIMEOUT + stall.map_or(Duration::ZERO, |(_, length)| length);
        let deadline = relay.caller.clock.now() + FUNCTION_TIMEOUT;
        let invocation = relay.caller.begin(deadline, stall.is_some());
        let (first, records) = (batch.first().map_or(0, |r| r.sequence_number), batch.len());
        cloud.history.note(format!("{} gets {records} records from {first} on", invocation.name));
        let published = published(batch, &relay.publisher, self.deadline());
        let end = tokio::select! {
            biased;
            response = Fated::new(Fate { polls, hangs, stall }, published) => match response {
                Some(response) => Ok(response),
                None => Err(Some(Fault::CrashAtPoll)),
            },
            () = sleep(lives) => Err(Some(Fault::CrashAtTime)),
            () = sleep(time) => Err(hangs.map(|_| Fault::TimeOut)),
        };
        cloud.costs.add(&cloud.history, &invocation, batch.len());
        match end {
            Ok(response) => {
                self.relay = Some(relay);
                cloud.history.note(format!("{} ends", invocation.name));
                End::Reported(self.reported(batch, &response))
            }
            Err(fault) => {
                if fault.is_none() && stall.is_none() {
                    cloud.history.violation(format!("{} outlasted its time", invocation.name));
                }
                if let Some(fault) = fault {
                    faults.count(fault);
                }
                cloud.history.note(format!("{} dies of {fault:?}", invocation.name));
                End::Died
            }
        }
    }

    /// Until when the function makes requests.
    fn deadline(&self) -> Instant {
        match self.cloud.mutant {
            Some(Mutant::RelayDeadline) => Instant::now() + 10 * FUNCTION_TIMEOUT,
            _ => Instant::now() + FUNCTION_TIMEOUT - RESERVE,
        }
    }

    /// The first record that was not published, as the function says.
    fn reported(&self, batch: &[Record], response: &DynamoDbEventResponse) -> Option<u64> {
        let unsent = || batch.iter().filter(|record| self.is_unsent(record));
        match self.cloud.mutant {
            Some(Mutant::BlockedStreams) => return unsent().next().map(|r| r.sequence_number),
            Some(Mutant::FirstUnsent) => return unsent().next_back().map(|r| r.sequence_number),
            _ => {}
        }
        let first = response.batch_item_failures.first()?.item_identifier.as_deref();
        let number = first.and_then(|number| number.parse().ok());
        let is_known = batch.iter().any(|record| Some(record.sequence_number) == number);
        if !is_known || response.batch_item_failures.len() > 1 {
            self.cloud.history.violation(format!("the relay reports {first:?} of a batch"));
        }
        number
    }

    fn is_unsent(&self, record: &Record) -> bool {
        let event: Value =
            serde_json::from_str(text(&record.image, "envelope")).unwrap_or_default();
        event["eventId"].as_str().is_some_and(|id| !self.cloud.topic.has(id))
    }

    /// Goes past what was published, and waits after what was not.
    async fn go_on(&mut self, shard: &Shard, batch: &[Record], end: End) {
        let (first, last) = match batch {
            [first, .., last] => (first.sequence_number, last.sequence_number),
            [only] => (only.sequence_number, only.sequence_number),
            [] => return,
        };
        let next = match end {
            End::Died => {
                self.size = batch.len().div_ceil(2);
                first
            }
            // Another of Lambda's pollers takes the shard over, which knows of less.
            End::Reported(_) if self.cloud.faults.strike(Fault::LostCheckpoint) => first,
            End::Reported(unsent) => {
                self.size = BATCH_SIZE;
                unsent.unwrap_or(last + 1)
            }
        };
        shard.checkpoint(next);
        self.failures = if next == first { self.failures + 1 } else { 0 };
        if next <= last {
            let wait = FIRST_WAIT * 2_u32.pow(self.failures.min(10));
            sleep(wait.min(LONGEST_WAIT)).await;
        }
    }
}

async fn published(
    batch: &[Record],
    publisher: &Publisher,
    deadline: Instant,
) -> DynamoDbEventResponse {
    let records: Value = batch.iter().map(Record::to_json).collect();
    let event: Event = serde_json::from_value(json!({"Records": records})).expect("an event");
    relay(event, publisher, deadline).await
}

/// Writes into the event table what the event store never would: an item larger than SNS takes, one that holds no event,
/// and one that SNS refuses.
pub(crate) async fn plant(cloud: Arc<Cloud>) {
    if !cloud.faults.strike(Fault::ForeignItem) {
        return;
    }
    let envelopes = [json!({"S": "x".repeat(300_000)}), json!({"N": "1"}), json!({"S": ""})];
    for (n, envelope) in envelopes.into_iter().enumerate() {
        sleep(cloud.faults.chance().millis(1..=30_000)).await;
        let item = json!({
            "stream": {"S": format!("{FOREIGN}{n}")}, "version": {"N": "1"},
            "eventType": {"S": "OrderPlaced"}, "envelope": envelope,
        });
        tables::put(&cloud.database, EVENTS, item.clone());
        cloud.shards.insert(item);
    }
}
