//! The bill of a month: what was counted, multiplied to what a month has, at a list's prices.

use super::prices::Prices;
use fanfare_local::{Meter, Usage, UsageLine};
use serde::Serialize;
use std::collections::BTreeMap;

/// One position of a bill, in US dollars a month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Position {
    pub(super) name: String,
    pub(super) usd: f64,
}

/// A month.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bill {
    pub(super) total: f64,
    /// Dearest first.
    pub(super) by_service: Vec<Position>,
    /// Dearest first; a function's name in the template, or `outside`.
    pub(super) by_function: Vec<Position>,
    /// The dearest single item, such as the write units of one function in one table.
    pub(super) greatest: Option<Position>,
}

impl Bill {
    /// What `usage` costs `times` over.
    pub(super) fn of(usage: &Usage, times: f64, prices: &Prices) -> Self {
        let usd = |line: &UsageLine| prices.of(line.meter, line.amount) * times;
        let sum = |name: fn(&UsageLine) -> String| {
            let mut sums: BTreeMap<String, f64> = BTreeMap::new();
            for line in &usage.lines {
                *sums.entry(name(line)).or_default() += usd(line);
            }
            dearest_first(sums.into_iter().map(|(name, usd)| Position { name, usd }).collect())
        };
        let item = |line: &UsageLine| Position {
            name: format!("{}: {} of {}", line.by, unit(line.meter), line.of),
            usd: usd(line),
        };
        Self {
            total: usage.lines.iter().map(usd).sum(),
            by_service: sum(|line| service(line.meter).to_owned()),
            by_function: sum(|line| line.by.clone()),
            greatest: dearest_first(usage.lines.iter().map(item).collect()).into_iter().next(),
        }
    }
}

fn dearest_first(mut positions: Vec<Position>) -> Vec<Position> {
    positions.retain(|position| position.usd > 0.0);
    positions.sort_by(|one, other| other.usd.total_cmp(&one.usd));
    positions
}

/// The line of AWS's bill that something is on.
pub(super) fn service(meter: Meter) -> &'static str {
    match meter {
        Meter::DynamodbWriteUnits => "DynamoDB, writes",
        Meter::DynamodbReadUnits => "DynamoDB, reads",
        Meter::SqsRequests | Meter::SqsFifoRequests => "SQS",
        Meter::SnsRequests => "SNS",
        Meter::SesMails => "SES",
        Meter::LambdaRequests => "Lambda, requests",
        Meter::LambdaGbSecondsX86 | Meter::LambdaGbSecondsArm => "Lambda, time",
        Meter::HttpApiRequests => "API Gateway",
        Meter::LogBytes => "CloudWatch Logs",
        _ => "other",
    }
}

fn unit(meter: Meter) -> &'static str {
    match meter {
        Meter::DynamodbWriteUnits => "write units",
        Meter::DynamodbReadUnits => "read units",
        Meter::SesMails => "mails",
        Meter::LambdaGbSecondsX86 | Meter::LambdaGbSecondsArm => "GB-seconds",
        Meter::LogBytes => "log",
        _ => "requests",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_month_is_what_was_counted_so_many_times_at_the_lists_prices() {
        let usage = json!({"occasions": {"Measured": 2}, "lines": [
            {"by": "Heat", "meter": "dynamodb-write-units", "of": "Ledger", "amount": 16.0},
            {"by": "Heat", "meter": "sqs-requests", "of": "HeatQueue", "amount": 4.0},
            {"by": "Relay", "meter": "sns-requests", "of": "PublishBatch", "amount": 2.0},
        ]});
        let usage: Usage = serde_json::from_value(usage).expect("a usage");

        let bill = Bill::of(&usage, 500_000.0, &Prices::read(None).expect("prices"));

        // 8 million write units, 2 million SQS and 1 million SNS requests.
        let positions = |positions: &[Position]| -> Vec<(String, f64)> {
            positions.iter().map(|p| (p.name.clone(), (p.usd * 100.0).round() / 100.0)).collect()
        };
        let named = |name: &str, usd| (name.to_owned(), usd);
        assert_eq!(
            positions(&bill.by_service),
            [named("DynamoDB, writes", 5.0), named("SQS", 0.8), named("SNS", 0.5)]
        );
        assert_eq!(positions(&bill.by_function), [named("Heat", 5.8), named("Relay", 0.5)]);
        assert!((bill.total - 6.3).abs() < 1e-9, "{}", bill.total);
        let greatest = bill.greatest.expect("something");
        assert_eq!(greatest.name, "Heat: write units of Ledger");
    }
}
