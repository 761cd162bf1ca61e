//! Analytics: counts orders, revenue and units, by day.

use consumer::{Consumer, Failure, Work, Write};
use event_schema::{Event, OrderPlaced, Sku, Timestamp};
use read_models::sales::{self, ORDERS, REVENUE, UNITS};
use std::collections::BTreeMap;

/// The consumer of placed orders.
pub fn consumer() -> Consumer<OrderPlaced> {
    Consumer::new("analytics", count)
}

async fn count(order: Event<OrderPlaced>) -> Result<Work, Failure> {
    let day = day(order.timestamp);
    let order = order.payload;
    let revenue = i64::try_from(order.total_amount)
        .map_err(|e| Failure::permanent("totalAmount is absurd").caused_by(e))?;
    let mut units: BTreeMap<Sku, i64> = BTreeMap::new();
    for item in order.items {
        *units.entry(item.sku).or_default() += i64::from(item.quantity);
    }
    let orders = Write::count(sales::TABLE, sales::orders(&day, order.currency))
        .add(ORDERS, 1)
        .add(REVENUE, revenue);
    let units = units.into_iter().map(|(sku, quantity)| {
        Write::count(sales::TABLE, sales::units(&day, &sku)).add(UNITS, quantity)
    });
    let currency = order.currency.code();
    Ok(Work::did(format!("counted {revenue} {currency}")).write(orders).writes(units))
}

/// The day of an event, in UTC: `2024-01-15`.
fn day(at: Timestamp) -> String {
    at.to_string().chars().take("2024-01-15".len()).collect()
}
