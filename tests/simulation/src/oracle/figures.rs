//! Analytics: the figures are the sums over distinct events.

use crate::cloud::Cloud;
use crate::oracle::letters::Usurped;
use crate::oracle::streams::Streams;
use crate::relay::TAMPERED_BY;
use crate::tables::{self, SALES, number, text};
use serde_json::Value;
use std::collections::BTreeMap;

/// The counters of every day and figure.
#[derive(Debug, Default, PartialEq)]
struct Figures(BTreeMap<(String, String), BTreeMap<&'static str, i64>>);

pub(crate) fn check(cloud: &Cloud, streams: &Streams, usurped: &Usurped) {
    let mut should = Figures::default();
    for event in streams.values().flatten() {
        let id = event["eventId"].as_str().unwrap_or_default().to_owned();
        let is_usurped = usurped.contains(&("analytics", id));
        should.count(event, if is_usurped { TAMPERED_BY.cast_signed() } else { 0 });
    }
    let mut found = Figures::default();
    for item in tables::scan(&cloud.database, SALES) {
        let key = (text(&item, "day").to_owned(), text(&item, "figure").to_owned());
        let counters = ["orders", "ordered", "captured", "refunded", "units", "reached"];
        let counters = counters.into_iter().filter_map(|name| Some((name, number(&item, name)?)));
        found.0.insert(key, counters.collect());
    }
    if should != found {
        cloud.history.violation(format!("the figures should be {should:?}, but are {found:?}"));
    }
}

impl Figures {
    /// Counts an event, whose amount was made so much dearer.
    fn count(&mut self, event: &Value, dearer: i64) {
        let payload = &event["payload"];
        let day: String =
            event["timestamp"].as_str().unwrap_or_default().chars().take(10).collect();
        let currency = format!("money#{}", payload["currency"].as_str().unwrap_or_default());
        let amount = payload["amount"].as_i64().unwrap_or(0);
        let mut add = |figure: &str, counter, amount| {
            let counters = self.0.entry((day.clone(), figure.to_owned())).or_default();
            *counters.entry(counter).or_default() += amount;
        };
        match event["eventType"].as_str().unwrap_or_default() {
            "OrderPlaced" => {
                let total = payload["totalAmount"].as_i64().unwrap_or(0) + dearer;
                add(&currency, "orders", 1);
                add(&currency, "ordered", total);
                add("funnel#placed", "reached", 1);
            }
            "InventoryReserved" => add("funnel#reserved", "reached", 1),
            "PaymentProcessed" => {
                add(&currency, "captured", amount);
                add("funnel#paid", "reached", 1);
            }
            "PaymentRefunded" => add(&currency, "refunded", amount),
            "OrderConfirmed" => {
                add("funnel#confirmed", "reached", 1);
                for item in payload["items"].as_array().into_iter().flatten() {
                    let units = format!("units#{}", item["sku"].as_str().unwrap_or_default());
                    add(&units, "units", item["quantity"].as_i64().unwrap_or(0));
                }
            }
            "OrderShipped" => add("funnel#shipped", "reached", 1),
            "OrderCancelled" => {
                let reason = payload["reason"].as_str().unwrap_or_default();
                add(&format!("funnel#cancelled:{reason}"), "reached", 1);
            }
            _ => {}
        }
    }
}
