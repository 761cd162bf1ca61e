//! Analytics: the figures are the sums over distinct events, and agree with who else counts: the stock with the pieces
//! sold, the gateway's book with the money.

use crate::cloud::Cloud;
use crate::oracle::letters::Usurped;
use crate::oracle::lives::Life;
use crate::oracle::streams::Streams;
use crate::services::Gateway;
use crate::tables::{self, SALES, STOCK, number, text};
use crate::tampering::TAMPERED_BY;
use crate::workload::Expected;
use payment::Answer;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The counters of every day and figure.
#[derive(Debug, Default, PartialEq)]
struct Figures(BTreeMap<(String, String), BTreeMap<&'static str, i64>>);

/// Checks the figures against the events, and against the others who count.
pub(crate) fn check(
    cloud: &Cloud,
    expected: &Expected,
    streams: &Streams,
    (lives, gateway, usurped): (&[Life<'_>], &Gateway, &Usurped),
) {
    let found = check_events(cloud, streams, usurped);
    check_pieces(cloud, expected, &found);
    check_money(cloud, lives, gateway, &found);
}

fn check_events(cloud: &Cloud, streams: &Streams, usurped: &Usurped) -> Figures {
    let mut should = Figures::default();
    for event in streams.values().flatten() {
        let id = event["eventId"].as_str().unwrap_or_default().to_owned();
        let is_usurped = usurped.contains(&("analytics", id));
        should.count(event, if is_usurped { TAMPERED_BY.cast_signed() } else { 0 });
    }
    let mut found = Figures::default();
    for item in tables::scan(&cloud.database, SALES) {
        // Whichever shard of its day it is in.
        let day = text(&item, "day").split('#').next().unwrap_or_default();
        let sums = found.0.entry((day.to_owned(), text(&item, "figure").to_owned())).or_default();
        for name in ["orders", "ordered", "captured", "refunded", "units", "reached"] {
            if let Some(counted) = number(&item, name) {
                *sums.entry(name).or_default() += counted;
            }
        }
    }
    if should != found {
        cloud.history.violation(format!("the figures should be {should:?}, but are {found:?}"));
    }
    found
}

/// The pieces sold are those that are gone from stock.
fn check_pieces(cloud: &Cloud, expected: &Expected, found: &Figures) {
    for (sku, on_hand) in &expected.on_hand {
        let item = tables::get(&cloud.database, STOCK, &json!({"sku": {"S": sku}}));
        let gone = on_hand - number(&item, "available").unwrap_or(0);
        let sold = found.total(|name| name.strip_prefix("units#") == Some(sku), "units");
        if sold != gone {
            cloud.history.violation(format!("{sold} of {sku} are sold, and {gone} gone"));
        }
    }
}

/// The money taken and given back is what the gateway took and gave back.
fn check_money(cloud: &Cloud, lives: &[Life<'_>], gateway: &Gateway, found: &Figures) {
    let (mut captured, mut refunded) = (0, 0);
    for entry in lives.iter().flat_map(|life| gateway.entries(life.id())) {
        match entry.answer {
            Answer::Charged { .. } => captured += entry.amount.cast_signed(),
            Answer::Refunded { .. } => refunded += entry.amount.cast_signed(),
            Answer::Declined { .. } | Answer::Withdrawn | Answer::RefundPending { .. } => {}
        }
    }
    let figures = ["captured", "refunded"]
        .map(|counter| found.total(|name| name.starts_with("money#"), counter));
    if figures != [captured, refunded] {
        let book = [captured, refunded];
        cloud.history.violation(format!("the figures are {figures:?}, the gateway's {book:?}"));
    }
}

impl Figures {
    /// The sum of a counter over all days and all figures of these names.
    fn total(&self, is_wanted: impl Fn(&str) -> bool, counter: &str) -> i64 {
        let of_figure = self.0.iter().filter(|((_, name), _)| is_wanted(name));
        of_figure.filter_map(|(_, counters)| counters.get(counter)).sum()
    }

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
            "OrderConfirmed" => add("funnel#confirmed", "reached", 1),
            "InventoryDispatched" => {
                add("funnel#shipped", "reached", 1);
                for item in payload["items"].as_array().into_iter().flatten() {
                    let units = format!("units#{}", item["sku"].as_str().unwrap_or_default());
                    add(&units, "units", item["quantity"].as_i64().unwrap_or(0));
                }
            }
            "OrderCancelled" => {
                let reason = payload["reason"].as_str().unwrap_or_default();
                add(&format!("funnel#cancelled:{reason}"), "reached", 1);
            }
            _ => {}
        }
    }
}
