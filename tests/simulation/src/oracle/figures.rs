//! Analytics: the figures are the sums over distinct orders.

use crate::cloud::Cloud;
use crate::oracle::letters::Usurped;
use crate::relay::TAMPERED_BY;
use crate::tables::{self, SALES, number, text};
use crate::workload::Expected;
use std::collections::BTreeMap;

type Figures = BTreeMap<(String, String), BTreeMap<&'static str, i64>>;

pub(crate) fn check(cloud: &Cloud, expected: &Expected, usurped: &Usurped) {
    let mut should = Figures::new();
    for placed in &expected.orders {
        let day = placed.at.strftime("%Y-%m-%d").to_string();
        let mut add = |figure: String, counter, amount| {
            let counters = should.entry((day.clone(), figure)).or_default();
            *counters.entry(counter).or_default() += amount;
        };
        let currency = format!("orders#{}", placed.order.currency.code());
        add(currency.clone(), "orders", 1);
        let is_usurped = usurped.contains(&("analytics", placed.event.clone()));
        let more = if is_usurped { TAMPERED_BY } else { 0 };
        add(currency, "revenue", (placed.order.total_amount + more).cast_signed());
        for item in &placed.order.items {
            add(format!("units#{}", item.sku), "units", i64::from(item.quantity));
        }
    }
    let mut found = Figures::new();
    for item in tables::scan(&cloud.database, SALES) {
        let key = (text(&item, "day").to_owned(), text(&item, "figure").to_owned());
        let counters = ["orders", "revenue", "units"];
        let counters = counters.into_iter().filter_map(|name| Some((name, number(&item, name)?)));
        found.insert(key, counters.collect());
    }
    if should != found {
        cloud.history.violation(format!("the figures should be {should:?}, but are {found:?}"));
    }
}
