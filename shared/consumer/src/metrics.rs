//! What a consumer counts, in CloudWatch's embedded metric format: one line of the log a batch, of which
//! CloudWatch makes metrics by itself
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).

use event_schema::Timestamp;
use serde_json::{Value, json};
use std::io::Write;

/// Values of one metric in one line at the most: the same page.
const VALUES: usize = 100;

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
    /// The line of the log.
    pub(crate) fn line(mut self, consumer: &str, now: Timestamp) -> Value {
        self.event_ages.truncate(VALUES);
        self.handler_times.truncate(VALUES);
        let metric = |name: &str, unit: &str| json!({"Name": name, "Unit": unit});
        let mut metrics = vec![
            metric("Processed", "Count"),
            metric("Duplicates", "Count"),
            metric("Retried", "Count"),
            metric("DeadLettered", "Count"),
            metric("HeldBack", "Count"),
            metric("OpenBreakers", "Count"),
        ];
        if !self.event_ages.is_empty() {
            metrics.push(metric("EventAge", "Milliseconds"));
        }
        if !self.handler_times.is_empty() {
            metrics.push(metric("HandlerTime", "Milliseconds"));
        }
        json!({
            "_aws": {
                "Timestamp": now.as_millisecond(),
                "CloudWatchMetrics": [
                    {"Namespace": "Fanfare", "Dimensions": [["consumer"]], "Metrics": metrics}
                ],
            },
            "consumer": consumer,
            "Processed": self.processed,
            "Duplicates": self.duplicates,
            "Retried": self.retried,
            "DeadLettered": self.dead_lettered,
            "HeldBack": self.held_back,
            "OpenBreakers": self.open_breakers,
            "EventAge": self.event_ages,
            "HandlerTime": self.handler_times,
        })
    }

    /// Writes the line to standard output, where Lambda takes logs from.
    pub(crate) fn write(self, consumer: &str, now: Timestamp) {
        let line = format!("{}\n", self.line(consumer, now));
        if let Err(error) = std::io::stdout().write_all(line.as_bytes()) {
            tracing::warn!(%error, "metrics were not written");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_that_is_declared_has_its_value_beside_it() {
        let metrics = Metrics { processed: 2, event_ages: vec![5; 150], ..Metrics::default() };
        let line = metrics.line("email", Timestamp::UNIX_EPOCH);
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().expect("metrics") {
            assert!(!line[metric["Name"].as_str().expect("a name")].is_null(), "{metric}");
        }
        assert_eq!((&line["Processed"], &line["consumer"]), (&json!(2), &json!("email")));
        assert_eq!(line["EventAge"].as_array().map(Vec::len), Some(100));
    }
}
