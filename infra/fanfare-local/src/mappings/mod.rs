//! Event-source mappings: what moves records from queues, streams and clocks to functions, by Lambda's rules.

mod queue;
mod queue_event;
mod report;
mod schedule;
mod stream;
mod stream_batch;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;

use crate::error::StartError;
use crate::functions::Pool;
use crate::queues::Queues;
use crate::services::Services;
use crate::shutdown::Stop;
use crate::statistics::MappingCounters;
use crate::template::stack::{Mapping, Source, Stack};
use queue::Poller;
pub(crate) use stream::Checkpoint;
use stream::{Options, Reader};

/// Starts every mapping. What comes back is how far each stream is read, by the mappings' logical ids.
pub(crate) fn start(
    stack: &Stack,
    services: &Arc<Services>,
    saved: &BTreeMap<String, String>,
    stop: &Stop,
    tasks: &mut JoinSet<()>,
) -> Result<BTreeMap<String, Checkpoint>, StartError> {
    let mut checkpoints = BTreeMap::new();
    let started = SystemTime::now();
    for (mapping, counters) in &services.mappings {
        let dangling = |reference: &str| StartError::Dangling {
            logical_id: mapping.logical_id.clone(),
            reference: reference.to_owned(),
        };
        let pool = services
            .functions
            .by_logical_id(&mapping.function)
            .ok_or_else(|| dangling(&mapping.function))?;
        let feed = Feed {
            mapping: mapping.clone(),
            pool: pool.clone(),
            queues: services.queues.clone(),
            region: services.region.as_str().into(),
            account: services.account.as_str().into(),
            counters: counters.clone(),
            stop: stop.clone(),
        };
        match &mapping.source {
            Source::Queue { arn, maximum_concurrency } => {
                let poller =
                    Poller::new(feed, arn, *maximum_concurrency).map_err(|_| dangling(arn))?;
                tasks.spawn(poller.run());
            }
            Source::Stream {
                arn,
                from_start,
                maximum_retry_attempts,
                maximum_record_age,
                bisect_on_error,
                on_failure_queue_arn,
            } => {
                let table =
                    stack.tables.iter().find(|table| table.stream_arn.as_ref() == Some(arn));
                let checkpoint = Checkpoint::default();
                *checkpoint.lock().unwrap_or_else(PoisonError::into_inner) =
                    saved.get(&mapping.logical_id).cloned();
                checkpoints.insert(mapping.logical_id.clone(), checkpoint.clone());
                let options = Options {
                    table: table.ok_or_else(|| dangling(arn))?.name.clone(),
                    stream_arn: arn.clone(),
                    from_start: *from_start,
                    maximum_retry_attempts: *maximum_retry_attempts,
                    maximum_record_age: *maximum_record_age,
                    bisect_on_error: *bisect_on_error,
                    on_failure_queue_arn: on_failure_queue_arn.clone(),
                };
                tasks.spawn(
                    Reader { feed, tables: services.tables.clone(), options, checkpoint, started }
                        .run(),
                );
            }
            Source::Schedule { every, input } => {
                tasks.spawn(schedule::run(feed, *every, input.clone()));
            }
        }
    }
    Ok(checkpoints)
}

/// What every mapping needs.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    pub(crate) mapping: Arc<Mapping>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) queues: Queues,
    pub(crate) region: Arc<str>,
    pub(crate) account: Arc<str>,
    pub(crate) counters: Arc<MappingCounters>,
    pub(crate) stop: Stop,
}

/// How long an invocation that is under way when the runner stops may still take.
const GRACE: Duration = Duration::from_millis(500);

impl Feed {
    /// Waits for the future; past a stop only for a short while longer.
    async fn unless_stopped<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut stop = self.stop.clone();
        tokio::select! {
            output = future => Some(output),
            () = async {
                stop.requested().await;
                tokio::time::sleep(GRACE).await;
            } => None,
        }
    }
}
