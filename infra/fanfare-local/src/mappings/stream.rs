//! Reads a DynamoDB stream for a function, in order, a record never before the one in front of it is dealt with.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::streams::shard_id;
use rustack_sqs_model::input::SendMessageInput;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Feed;
use super::report::{self, Report};
use super::stream_batch::{Next, Rules, Try, pause};
use crate::functions::Outcome;
use crate::statistics::MappingCounters;
use crate::tables::Tables;
use fanfare_template::pattern;

/// How long a stream that cannot be read is left alone.
const ERROR_PAUSE: Duration = Duration::from_secs(1);

/// A write wakes the reader; this is for a wake-up that nobody sent.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What a mapping of a stream asks for beside what every mapping does.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) table: String,
    pub(crate) stream_arn: String,
    pub(crate) from_start: bool,
    pub(crate) maximum_retry_attempts: Option<u32>,
    pub(crate) maximum_record_age: Option<Duration>,
    pub(crate) bisect_on_error: bool,
    pub(crate) on_failure_queue_arn: Option<String>,
}

/// The sequence number of the last record that is dealt with.
pub(crate) type Checkpoint = Arc<Mutex<Option<String>>>;

/// One stream, read for one function.
pub(crate) struct Reader {
    pub(crate) feed: Feed,
    pub(crate) tables: Tables,
    pub(crate) options: Options,
    pub(crate) checkpoint: Checkpoint,
    /// A record's age does not grow while no runner is there to deal with it.
    pub(crate) started: SystemTime,
}

/// Why a batch was given up.
#[derive(Debug, Clone, Copy)]
enum GivenUp {
    RetryAttemptsExhausted,
    RecordAgeExceeded,
}

impl Reader {
    /// Reads until the runner stops.
    pub(crate) async fn run(self) {
        let mut stop = self.feed.stop.clone();
        let mut writes = self.tables.writes();
        let mut iterator = None;
        while !stop.is_requested() {
            writes.mark_unchanged();
            match self.read(iterator.take()).await {
                Ok((records, next)) if records.is_empty() => {
                    iterator = next;
                    tokio::select! {
                        () = stop.requested() => {}
                        _ = writes.changed() => {}
                        () = tokio::time::sleep(LOOK_AGAIN) => {}
                    }
                }
                Ok((records, next)) => {
                    iterator = next;
                    self.deal_with(records).await;
                }
                Err(reason) => {
                    tracing::warn!(
                        mapping = self.feed.mapping.logical_id,
                        reason,
                        "the stream cannot be read"
                    );
                    self.sleep(ERROR_PAUSE).await;
                }
            }
        }
    }

    /// The next batch, after what the window brings; and where to go on.
    async fn read(&self, iterator: Option<String>) -> Result<(Vec<Value>, Option<String>), String> {
        let size = usize::try_from(self.feed.mapping.batch_size).unwrap_or(usize::MAX);
        let (mut records, mut next) = self.get_records(iterator, size).await?;
        let full_at = Instant::now() + self.feed.mapping.batching_window;
        let mut writes = self.tables.writes();
        let mut stop = self.feed.stop.clone();
        while !records.is_empty()
            && records.len() < size
            && Instant::now() < full_at
            && !stop.is_requested()
        {
            tokio::select! {
                () = stop.requested() => break,
                () = tokio::time::sleep_until(full_at) => {}
                _ = writes.changed() => {}
            }
            let (more, after) = self.get_records(next, size - records.len()).await?;
            records.extend(more);
            next = after;
        }
        Ok((records, next))
    }

    async fn get_records(
        &self,
        iterator: Option<String>,
        limit: usize,
    ) -> Result<(Vec<Value>, Option<String>), String> {
        let iterator = match iterator {
            Some(iterator) => iterator,
            None => self.first_iterator().await?,
        };
        let request = GetRecordsRequest { shard_iterator: iterator, limit: Some(limit) };
        let answer = self.tables.call(move |database| database.get_records(request)).await;
        let answer = answer.map_err(|error| error.to_string())?;
        let records = answer.records.iter().map(|record| {
            let mut record = serde_json::to_value(record).map_err(|error| error.to_string())?;
            record["awsRegion"] = self.feed.region.as_ref().into();
            record["eventSourceARN"] = self.options.stream_arn.as_str().into();
            Ok(record)
        });
        Ok((records.collect::<Result<_, String>>()?, answer.next_shard_iterator))
    }

    async fn first_iterator(&self) -> Result<String, String> {
        let checkpoint = self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let kind = match (&checkpoint, self.options.from_start) {
            (Some(_), _) => "AFTER_SEQUENCE_NUMBER",
            (None, true) => "TRIM_HORIZON",
            (None, false) => "LATEST",
        };
        let request = GetShardIteratorRequest {
            stream_arn: self.options.stream_arn.clone(),
            shard_id: shard_id(&self.options.table),
            shard_iterator_type: kind.to_owned(),
            sequence_number: checkpoint,
        };
        let answer = self.tables.call(move |database| database.get_shard_iterator(request)).await;
        answer
            .map_err(|error| error.to_string())?
            .shard_iterator
            .ok_or_else(|| "there is no shard".to_owned())
    }

    /// Tries the records until each is dealt with, or the runner stops.
    async fn deal_with(&self, records: Vec<Value>) {
        let last = records.last().map(sequence_number);
        let all = records.len();
        let wanted: Vec<Value> = records
            .into_iter()
            .filter(|record| pattern::any_matches(&self.feed.mapping.filters, record))
            .collect();
        MappingCounters::add(&self.feed.counters.filtered_records, all - wanted.len());
        let rules = Rules {
            maximum_retry_attempts: self.options.maximum_retry_attempts,
            bisect_on_error: self.options.bisect_on_error,
        };
        let mut tries =
            VecDeque::from_iter((!wanted.is_empty()).then(|| Try::new(0, wanted.len())));
        while let Some(tried) = tries.pop_front() {
            let Some(tried) = self.without_the_old(tried, &wanted).await else { continue };
            let Some(report) = self.invoke(&wanted[tried.from..tried.to]).await else { return };
            let failures = tried.failures;
            match rules.after(&tried, &report) {
                Next::Continue { done, tries: more } => {
                    self.set_checkpoint(
                        done.checked_sub(1).map(|place| sequence_number(&wanted[place])),
                    );
                    let again = more.iter().any(|next| next.failures > failures);
                    let pause = again.then(|| pause(failures + 1));
                    more.into_iter().rev().for_each(|next| tries.push_front(next));
                    if let Some(pause) = pause {
                        self.sleep(pause).await;
                    }
                }
                Next::GiveUp => {
                    let given_up = &wanted[tried.from..tried.to];
                    self.give_up(given_up, GivenUp::RetryAttemptsExhausted, failures + 1).await;
                    self.set_checkpoint(given_up.last().map(sequence_number));
                }
            }
            if self.feed.stop.is_requested() && !tries.is_empty() {
                return;
            }
        }
        self.set_checkpoint(last);
    }

    /// Gives up the records at the front that are older than the mapping allows.
    async fn without_the_old(&self, tried: Try, records: &[Value]) -> Option<Try> {
        let Some(limit) = self.options.maximum_record_age else { return Some(tried) };
        let is_old = |record: &Value| {
            let created =
                record["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or_default();
            let since = self.started.max(UNIX_EPOCH + Duration::from_secs_f64(created.max(0.0)));
            since.elapsed().is_ok_and(|age| age > limit)
        };
        let batch = &records[tried.from..tried.to];
        let old = batch.iter().take_while(|record| is_old(record)).count();
        if old > 0 {
            self.give_up(&batch[..old], GivenUp::RecordAgeExceeded, tried.failures).await;
            self.set_checkpoint(Some(sequence_number(&batch[old - 1])));
        }
        (old < batch.len()).then_some(Try { from: tried.from + old, ..tried })
    }

    /// Gives the records to the function. `None` if the runner stops before it has answered.
    async fn invoke(&self, records: &[Value]) -> Option<Report> {
        let counters = &self.feed.counters;
        MappingCounters::add(&counters.batches, 1);
        MappingCounters::add(&counters.records, records.len());
        let payload = Bytes::from(json!({ "Records": records }).to_string());
        let outcome = self.feed.unless_stopped(self.feed.pool.invoke(payload)).await?;
        let report = match outcome {
            Outcome::Answered(answer) if self.feed.mapping.report_batch_item_failures => {
                let numbers: Vec<String> = records.iter().map(sequence_number).collect();
                report::read(&answer, &numbers.iter().map(String::as_str).collect::<Vec<_>>())
            }
            Outcome::Answered(_) => Report::AllGood,
            Outcome::Failed { failure, payload } => {
                let error = String::from_utf8_lossy(&payload);
                tracing::warn!(mapping = self.feed.mapping.logical_id, ?failure, %error, "a batch failed");
                Report::Senseless
            }
        };
        match &report {
            Report::AllGood => {}
            Report::Failed(places) => MappingCounters::add(&counters.failed_records, places.len()),
            Report::Senseless => MappingCounters::add(&counters.failed_records, records.len()),
        }
        Some(report)
    }

    /// Tells the mapping's queue, if it has one, of records that the function never took.
    async fn give_up(&self, records: &[Value], why: GivenUp, tries: u32) {
        let mapping = &self.feed.mapping.logical_id;
        tracing::error!(
            mapping,
            records = records.len(),
            ?why,
            "records of the stream are given up"
        );
        let Some(queue_arn) = &self.options.on_failure_queue_arn else { return };
        let arrival = |record: Option<&Value>| {
            let created = record
                .and_then(|record| record["dynamodb"]["ApproximateCreationDateTime"].as_f64());
            let seconds = created.unwrap_or_default() as i64;
            jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
        };
        let (first, last) = (records.first(), records.last());
        let notice = json!({
            "version": "1.0",
            "timestamp": jiff::Timestamp::now().to_string(),
            "requestContext": {
                "requestId": uuid::Uuid::new_v4().to_string(),
                "functionArn": self.feed.pool.function.arn,
                "condition": format!("{why:?}"),
                "approximateInvokeCount": tries,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "DDBStreamBatchInfo": {
                "shardId": shard_id(&self.options.table),
                "startSequenceNumber": first.map(sequence_number),
                "endSequenceNumber": last.map(sequence_number),
                "approximateArrivalOfFirstRecord": arrival(first),
                "approximateArrivalOfLastRecord": arrival(last),
                "batchSize": records.len(),
                "streamArn": self.options.stream_arn,
            },
        });
        let sent = match self.feed.queues.url(queue_arn) {
            Ok(queue_url) => {
                let message_body = notice.to_string();
                let input =
                    SendMessageInput { queue_url, message_body, ..SendMessageInput::default() };
                self.feed.queues.send(input).await.map(drop)
            }
            Err(error) => Err(error),
        };
        if let Err(error) = sent {
            tracing::error!(
                mapping,
                reason = error.message,
                "nor can the mapping's queue be told of it"
            );
        }
    }

    fn set_checkpoint(&self, sequence_number: Option<String>) {
        if sequence_number.is_some() {
            *self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner) = sequence_number;
        }
    }

    async fn sleep(&self, pause: Duration) {
        let mut stop = self.feed.stop.clone();
        tokio::select! {
            () = stop.requested() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

fn sequence_number(record: &Value) -> String {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned()
}
