//! `GET /analytics/sales?from=&to=`

use crate::Api;
use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_http::{Problem, Request, Response, unavailable};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use read_models::sales::{
    CAPTURED, DAY, FIGURE, Figure, ORDERED, ORDERS, REACHED, REFUNDED, UNITS, figure,
};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// The most days in one report.
const MAX_DAYS: usize = 366;
/// Days that are read at once.
const CONCURRENCY: usize = 16;

type Item = HashMap<String, AttributeValue>;

/// The sales of a range of days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
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

/// Puts the items of each day together.
pub fn report(from: Date, to: Date, days: &[(Date, Vec<Item>)]) -> Report {
    let mut report = Report { from, to, total: Figures::default(), days: Vec::new() };
    for (day, items) in days {
        let mut figures = Figures::default();
        for item in items {
            figures.add(item);
            report.total.add(item);
        }
        if !items.is_empty() {
            report.days.push(Day { day: *day, figures });
        }
    }
    report
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
        let days: Vec<_> = stream::iter(days)
            .map(|day| self.figures(day))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        Ok(Response::ok(&report(from, to, &days)))
    }

    async fn figures(&self, day: Date) -> Result<(Date, Vec<Item>), Problem> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.sales)
            .key_condition_expression("#day = :day")
            .expression_attribute_names("#day", DAY)
            .expression_attribute_values(":day", AttributeValue::S(day.to_string()));
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
