//! What the servers of a runner share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use fanfare_template::roles::StackDescription;

use crate::endpoint::Mail;
use crate::functions::Functions;
use crate::http_api::{Gate, Routes};
use crate::queues::Queues;
use crate::sns::Sns;
use crate::statistics::{MappingCounters, Statistics};
use crate::tables::Tables;
use crate::template::stack::{Mapping, Source};
use crate::usage::{Meter, Metering, Usage, UsageLine, real};

/// What the servers work with.
pub(crate) struct Services {
    pub(crate) tables: Tables,
    pub(crate) queues: Queues,
    pub(crate) sns: Sns,
    pub(crate) mail: Mail,
    pub(crate) functions: Functions,
    pub(crate) routes: Routes,
    pub(crate) gate: Gate,
    /// Where the AWS services are.
    pub(crate) endpoint: String,
    /// What runs here, for whoever operates it.
    pub(crate) description: StackDescription,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) aws_requests: AtomicU64,
    pub(crate) http_requests: AtomicU64,
    pub(crate) metering: Metering,
    pub(crate) mappings: Vec<(Arc<Mapping>, Arc<MappingCounters>)>,
}

impl Services {
    pub(crate) fn statistics(&self) -> Statistics {
        Statistics {
            aws_requests: self.aws_requests.load(Relaxed),
            http_requests: self.http_requests.load(Relaxed),
            mappings: self
                .mappings
                .iter()
                .map(|(mapping, counters)| counters.read(mapping))
                .collect(),
            functions: self.functions.iter().map(|pool| pool.statistics()).collect(),
        }
    }

    /// What AWS would bill for since the runner started.
    pub(crate) fn usage(&self) -> Usage {
        let mut usage = self.metering.read();
        for pool in self.functions.iter() {
            usage.lines.extend(pool.usage());
        }
        for (mapping, counters) in &self.mappings {
            usage.lines.extend(polling(mapping, counters));
        }
        usage
    }
}

/// The requests that Lambda makes to read a queue: for each batch one that receives it, and one that deletes each ten of its
/// messages. What it asks of an empty queue is not counted: that depends on time, not on work.
fn polling(mapping: &Mapping, counters: &MappingCounters) -> Option<UsageLine> {
    let Source::Queue { arn, .. } = &mapping.source else { return None };
    let statistics = counters.read(mapping);
    let deletions = statistics.batches.max(statistics.records.div_ceil(10));
    let queue = arn.rsplit(':').next().unwrap_or(arn);
    let meter = if queue.ends_with(".fifo") { Meter::SqsFifoRequests } else { Meter::SqsRequests };
    let requests = real(statistics.batches + deletions);
    Some(UsageLine::new(&mapping.function, meter, queue, requests))
}
