//! What a consumer counts.

use fanfare_bootstrap::Metric;
use fanfare_event::Timestamp;

/// What happened in one batch.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) processed: u64,
    pub(crate) duplicates: u64,
    pub(crate) retried: u64,
    pub(crate) dead_lettered: u64,
    /// Messages that were returned untried.
    pub(crate) held_back: u64,
    /// Dependencies whose breaker is open.
    pub(crate) open_breakers: usize,
    /// Milliseconds from each processed event to its commit.
    pub(crate) event_ages: Vec<i64>,
    /// Milliseconds that each message took, its commit included.
    pub(crate) handler_times: Vec<f64>,
}

impl Metrics {
    /// Writes them to the log.
    pub(crate) fn write(self, function: &str, now: Timestamp) {
        let metrics = [
            Metric::count("Processed", self.processed),
            Metric::count("Duplicates", self.duplicates),
            Metric::count("Retried", self.retried),
            Metric::count("DeadLettered", self.dead_lettered),
            Metric::count("HeldBack", self.held_back),
            Metric::count("OpenBreakers", self.open_breakers as u64),
            Metric::milliseconds("EventAge", self.event_ages),
            Metric::milliseconds("HandlerTime", self.handler_times),
        ];
        fanfare_bootstrap::write_metrics(function, now.as_millisecond(), &metrics);
    }
}
