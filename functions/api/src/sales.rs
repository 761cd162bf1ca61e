//! `GET /analytics/sales?from=&to=`

use crate::Api;
use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_http::{Problem, Request, Response, unavailable};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use read_models::sales::{
    CAPTURED, DAY, FIGURE, Figure, ORDERED, ORDERS, REACHED, REFUNDED, Shard, UNITS, figure,
};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// The most days in one report.
const MAX_DAYS: usize = 366;
/// Partitions that are read at once: a year is 23,424, 4 seconds at 5 ms each.
const CONCURRENCY: usize = 32;

type Item = HashMap<String, AttributeValue>;

/// The sales of a range of days.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Report {
    from: Date,
    to: Date,
    /// Of all the days together.
    total: Figures,
    /// The days on which something happened.
    days: Vec<Day>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Day {
    day: Date,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct Figures {
    /// How many were placed.
    orders: u64,
    /// By currency.
    money: BTreeMap<String, Money>,
    /// Pieces that have left, by SKU.
    units: BTreeMap<String, u64>,
    /// How many orders came to each stage, such as `paid` or `cancelled:timed-out`.
    funnel: BTreeMap<String, u64>,
}

/// Sums in minor units.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct Money {
    ordered: u64,
    captured: u64,
    refunded: u64,
    /// What was captured less what was given back: negative on a day with more refunds than sales.
    revenue: i64,
}

impl Figures {
    fn add(&mut self, item: &Item) {
        let number = |name| -> u64 {
            item.get(name).and_then(|v: &AttributeValue| v.as_n().ok()?.parse().ok()).unwrap_or(0)
        };
        match item.get(FIGURE).and_then(|v| figure(v.as_s().ok()?)) {
            Some(Figure::Money(currency)) => {
                self.orders += number(ORDERS);
                let money = self.money.entry(currency).or_default();
                money.ordered += number(ORDERED);
                money.captured += number(CAPTURED);
                money.refunded += number(REFUNDED);
                money.revenue = money.captured.cast_signed() - money.refunded.cast_signed();
            }
            Some(Figure::Units(sku)) => *self.units.entry(sku).or_default() += number(UNITS),
            Some(Figure::Funnel(stage)) => {
                *self.funnel.entry(stage).or_default() += number(REACHED);
            }
            None => {}
        }
    }
}

/// Puts the items of each day together, whichever of its partitions they are in.
fn report(from: Date, to: Date, partitions: impl IntoIterator<Item = (Date, Vec<Item>)>) -> Report {
    let mut days: BTreeMap<Date, Figures> = BTreeMap::new();
    let mut total = Figures::default();
    for (day, item) in partitions
        .into_iter()
        .flat_map(|(day, items)| items.into_iter().map(move |item| (day, item)))
    {
        days.entry(day).or_default().add(&item);
        total.add(&item);
    }
    let days = days.into_iter().map(|(day, figures)| Day { day, figures }).collect();
    Report { from, to, total, days }
}

impl Api {
    /// Shows the sales from one day to another, both included, in UTC; today if none is given.
    pub(crate) async fn get_sales(&self, request: &Request) -> Result<Response, Problem> {
        let today = jiff::Timestamp::now().to_zoned(TimeZone::UTC).date();
        let to = date(request, "to")?.unwrap_or(today);
        let from = date(request, "from")?.unwrap_or(to);
        if from > to {
            return Err(Problem::invalid("from", format!("{from} is after {to}")));
        }
        let days: Vec<Date> = from
            .series(jiff::Span::new().days(1))
            .take_while(|d| *d <= to)
            .take(MAX_DAYS + 1)
            .collect();
        if days.len() > MAX_DAYS {
            return Err(Problem::invalid(
                "from",
                format!("a report has {MAX_DAYS} days at the most"),
            ));
        }
        let partitions = days.iter().flat_map(|day| Shard::all().map(|shard| (*day, shard)));
        let partitions: Vec<_> = stream::iter(partitions)
            .map(|(day, shard)| self.figures(day, shard))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        Ok(Response::ok(&report(from, to, partitions)))
    }

    async fn figures(&self, day: Date, shard: Shard) -> Result<(Date, Vec<Item>), Problem> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.sales)
            .key_condition_expression("#day = :day")
            .expression_attribute_names("#day", DAY)
            .expression_attribute_values(":day", AttributeValue::S(shard.partition(day)));
        let items: Result<Vec<_>, _> = query.into_paginator().items().send().collect().await;
        Ok((day, items.map_err(unavailable)?))
    }
}

fn date(request: &Request, name: &str) -> Result<Option<Date>, Problem> {
    let Some(value) = request.query(name).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let detail = "must be a day such as 2024-01-15";
    value.parse().map(Some).map_err(|_| Problem::invalid(name, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item(figure: &str, counters: &[(&str, u64)]) -> Item {
        let counters = counters
            .iter()
            .map(|(name, number)| ((*name).to_owned(), AttributeValue::N(number.to_string())));
        let figure = (FIGURE.to_owned(), AttributeValue::S(figure.to_owned()));
        counters.chain([figure]).collect()
    }

    #[test]
    fn a_day_is_the_sum_of_its_shards_and_a_day_without_any_is_none() {
        let day: Date = "2024-01-15".parse().expect("a day");
        let next = day.tomorrow().expect("a day");
        let one = item("money#EUR", &[(ORDERS, 2), (ORDERED, 500), (CAPTURED, 300)]);
        let other = item("money#EUR", &[(ORDERS, 1), (ORDERED, 250), (REFUNDED, 50)]);
        let mugs = item("units#mug", &[(UNITS, 3)]);
        let partitions =
            [(day, vec![one, mugs.clone()]), (day, vec![other, mugs]), (next, Vec::new())];

        let report = serde_json::to_value(report(day, next, partitions)).expect("JSON");

        let money = json!({"ordered": 750, "captured": 300, "refunded": 50, "revenue": 250});
        let figures =
            json!({"orders": 3, "money": {"EUR": money}, "units": {"mug": 6}, "funnel": {}});
        assert_eq!(report["total"], figures);
        assert_eq!(report["days"].as_array().map(Vec::len), Some(1), "{report}");
        assert_eq!(report["days"][0]["orders"], 3);
    }
}
