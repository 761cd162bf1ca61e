//! Metrics in CloudWatch's embedded metric format: a line of the log, of which CloudWatch makes metrics by itself
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).

use serde_json::{Value, json};
use std::io::Write;

/// The metrics' namespace in CloudWatch.
const NAMESPACE: &str = "Fanfare";
/// Values of one metric in one line at the most: the same page.
const VALUES: usize = 100;

/// A metric and its value, or its values.
///
/// ```
/// use fanfare_bootstrap::Metric;
///
/// let metrics = [Metric::count("Alarms", 2), Metric::milliseconds("SensorTime", [12, 15])];
/// fanfare_bootstrap::write_metrics("thermostat", 1_767_225_600_000, &metrics);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    name: &'static str,
    unit: &'static str,
    value: Value,
}

impl Metric {
    /// How many times something happened.
    pub fn count(name: &'static str, count: u64) -> Self {
        Self { name, unit: "Count", value: count.into() }
    }

    /// How long something took, each time: the first 100 are told.
    pub fn milliseconds<T: Into<Value>>(
        name: &'static str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let value = values.into_iter().take(VALUES).map(Into::into).collect();
        Self { name, unit: "Milliseconds", value }
    }

    fn has_value(&self) -> bool {
        self.value.as_array().is_none_or(|values| !values.is_empty())
    }
}

/// The line for a function's metrics at a time, in milliseconds since 1970. A metric without values is left out.
///
/// ```
/// use fanfare_bootstrap::{Metric, embedded_metrics};
///
/// let line = embedded_metrics("thermostat", 1_767_225_600_000, &[Metric::count("Alarms", 2)]);
/// assert_eq!(line["Alarms"], 2);
/// assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Fanfare");
/// ```
pub fn embedded_metrics(function: &str, at_ms: i64, metrics: &[Metric]) -> Value {
    let told: Vec<_> = metrics.iter().filter(|metric| metric.has_value()).collect();
    let names: Vec<_> = told.iter().map(|m| json!({"Name": m.name, "Unit": m.unit})).collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": at_ms,
            "CloudWatchMetrics": [
                {"Namespace": NAMESPACE, "Dimensions": [["function"]], "Metrics": names}
            ],
        },
        "function": function,
    });
    for metric in told {
        line[metric.name] = metric.value.clone();
    }
    line
}

/// Writes the line of [`embedded_metrics`] to standard output, where Lambda takes logs from. A line that can't be
/// written is a warning in the log.
///
/// ```
/// use fanfare_bootstrap::{Metric, write_metrics};
///
/// write_metrics("thermostat", 1_767_225_600_000, &[Metric::count("Alarms", 2)]);
/// ```
pub fn write_metrics(function: &str, at_ms: i64, metrics: &[Metric]) {
    let line = format!("{}\n", embedded_metrics(function, at_ms, metrics));
    if let Err(error) = std::io::stdout().write_all(line.as_bytes()) {
        tracing::warn!(%error, "metrics were not written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_that_is_declared_has_its_value_beside_it() {
        let metrics = [
            Metric::count("Processed", 2),
            Metric::milliseconds("EventAge", vec![5; 150]),
            Metric::milliseconds("HandlerTime", Vec::<f64>::new()),
        ];
        let line = embedded_metrics("fanfare-email", 7, &metrics);
        let declared = &line["_aws"]["CloudWatchMetrics"][0]["Metrics"];
        assert_eq!(declared.as_array().map(Vec::len), Some(2));
        assert_eq!((&line["Processed"], &line["function"]), (&json!(2), &json!("fanfare-email")));
        assert_eq!(line["EventAge"].as_array().map(Vec::len), Some(100));
    }
}
