//! Counters, for those who measure a run: a benchmark, a test, an operator who wonders.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;

use crate::template::stack::{Function, Mapping};

/// What has happened since the runner started.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Statistics {
    /// Requests that the AWS endpoint has answered.
    pub aws_requests: u64,
    /// Requests that the HTTP API has answered.
    pub http_requests: u64,
    /// What each mapping has delivered.
    pub mappings: Vec<MappingStatistics>,
    /// What each function has done.
    pub functions: Vec<FunctionStatistics>,
}

/// What one mapping has delivered.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MappingStatistics {
    /// The mapping's name in the template.
    pub logical_id: String,
    /// The function's name in the template.
    pub function: String,
    /// Batches given to the function, repeats included.
    pub batches: u64,
    /// Records in them.
    pub records: u64,
    /// Records that the function failed, alone or with their batch.
    pub failed_records: u64,
    /// Records that no filter let through.
    pub filtered_records: u64,
}

/// What one function has done.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FunctionStatistics {
    /// The function's name in the template.
    pub logical_id: String,
    /// The function's name.
    pub name: String,
    /// Invocations begun.
    pub invocations: u64,
    /// Invocations that the function answered with an error.
    pub errors: u64,
    /// Invocations that took too long.
    pub timeouts: u64,
    /// Processes that exited during an invocation or at their start.
    pub crashes: u64,
    /// Processes started.
    pub starts: u64,
    /// Milliseconds that its invocations took, each rounded up, as Lambda bills them.
    pub billed_ms: u64,
    /// The processes that run now.
    pub processes: Vec<ProcessStatistics>,
}

/// A running process.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProcessStatistics {
    /// Its id.
    pub pid: u32,
    /// KiB of memory it holds now, if the system tells.
    pub resident_kib: Option<u64>,
    /// KiB of memory it held at most, if the system tells.
    pub peak_resident_kib: Option<u64>,
}

/// A running process, by what Linux tells of it.
pub(crate) fn process_statistics(pid: u32) -> ProcessStatistics {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok();
    let kib = |field: &str| {
        let line = status.as_deref()?.lines().find(|line| line.starts_with(field))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    let (resident_kib, peak_resident_kib) = (kib("VmRSS:"), kib("VmHWM:"));
    ProcessStatistics { pid, resident_kib, peak_resident_kib }
}

#[derive(Debug, Default)]
pub(crate) struct FunctionCounters {
    pub(crate) invocations: AtomicU64,
    pub(crate) errors: AtomicU64,
    pub(crate) timeouts: AtomicU64,
    pub(crate) crashes: AtomicU64,
    pub(crate) starts: AtomicU64,
    billed_ms: AtomicU64,
}

impl FunctionCounters {
    /// Takes note of how long an invocation took.
    pub(crate) fn worked(&self, duration: Duration) {
        let ms = duration.as_micros().div_ceil(1000);
        self.billed_ms.fetch_add(u64::try_from(ms).unwrap_or(u64::MAX), Relaxed);
    }

    pub(crate) fn read(
        &self,
        function: &Function,
        processes: Vec<ProcessStatistics>,
    ) -> FunctionStatistics {
        FunctionStatistics {
            logical_id: function.logical_id.clone(),
            name: function.name.clone(),
            invocations: self.invocations.load(Relaxed),
            errors: self.errors.load(Relaxed),
            timeouts: self.timeouts.load(Relaxed),
            crashes: self.crashes.load(Relaxed),
            starts: self.starts.load(Relaxed),
            billed_ms: self.billed_ms.load(Relaxed),
            processes,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct MappingCounters {
    pub(crate) batches: AtomicU64,
    pub(crate) records: AtomicU64,
    pub(crate) failed_records: AtomicU64,
    pub(crate) filtered_records: AtomicU64,
}

impl MappingCounters {
    pub(crate) fn add(counter: &AtomicU64, count: usize) {
        counter.fetch_add(count as u64, Relaxed);
    }

    pub(crate) fn read(&self, mapping: &Mapping) -> MappingStatistics {
        MappingStatistics {
            logical_id: mapping.logical_id.clone(),
            function: mapping.function.clone(),
            batches: self.batches.load(Relaxed),
            records: self.records.load(Relaxed),
            failed_records: self.failed_records.load(Relaxed),
            filtered_records: self.filtered_records.load(Relaxed),
        }
    }
}
