//! Analytics: counts orders, money and pieces, by day.
//!
//! Every figure is a counter, and every event adds to its own: they may arrive in any order. A figure counts on
//! the day of its event, so a refund lessens the day on which it was made, not the day of the sale.

use consumer::{Consumer, Failure, Work, Write};
use event_schema::{Currency, Event, OrderItem, Sku, StoreEvent, Timestamp};
use read_models::sales::{self, CAPTURED, ORDERED, ORDERS, REACHED, REFUNDED, Stage, TABLE, UNITS};
use std::collections::BTreeMap;

/// The consumer of an order's whole life.
pub fn consumer() -> Consumer<StoreEvent> {
    Consumer::new("analytics", count)
}

async fn count(event: Event<StoreEvent>) -> Result<Work, Failure> {
    let day = day(event.timestamp);
    let reached = |stage| Write::count(TABLE, sales::funnel(&day, stage)).add(REACHED, 1);
    let money = |currency: Currency| Write::count(TABLE, sales::money(&day, currency));
    Ok(match event.payload {
        StoreEvent::OrderPlaced(order) => {
            let amount = amount("totalAmount", order.total_amount)?;
            Work::did(format!("counted {amount} {}", order.currency.code()))
                .write(money(order.currency).add(ORDERS, 1).add(ORDERED, amount))
                .write(reached(Stage::Placed))
        }
        StoreEvent::InventoryReserved(_) => Work::did("counted").write(reached(Stage::Reserved)),
        StoreEvent::PaymentProcessed(payment) => {
            let amount = amount("amount", payment.amount)?;
            Work::did(format!("captured {amount} {}", payment.currency.code()))
                .write(money(payment.currency).add(CAPTURED, amount))
                .write(reached(Stage::Paid))
        }
        StoreEvent::PaymentRefunded(refund) => {
            let amount = amount("amount", refund.amount)?;
            Work::did(format!("refunded {amount} {}", refund.currency.code()))
                .write(money(refund.currency).add(REFUNDED, amount))
        }
        StoreEvent::OrderConfirmed(order) => {
            Work::did("counted").write(reached(Stage::Confirmed)).writes(units(&day, order.items))
        }
        StoreEvent::OrderShipped(_) => Work::did("counted").write(reached(Stage::Shipped)),
        StoreEvent::OrderCancelled(order) => {
            Work::did("counted").write(reached(Stage::Cancelled(order.reason)))
        }
        _ => Work::did("nothing to count"),
    })
}

fn units(day: &str, items: Vec<OrderItem>) -> Vec<Write> {
    let mut units: BTreeMap<Sku, i64> = BTreeMap::new();
    for item in items {
        *units.entry(item.sku).or_default() += i64::from(item.quantity);
    }
    let count = |(sku, quantity)| Write::count(TABLE, sales::units(day, &sku)).add(UNITS, quantity);
    units.into_iter().map(count).collect()
}

fn amount(field: &str, amount: u64) -> Result<i64, Failure> {
    i64::try_from(amount).map_err(|e| Failure::permanent(format!("{field} is absurd")).caused_by(e))
}

/// The day of an event, in UTC: `2024-01-15`.
fn day(at: Timestamp) -> String {
    at.to_string().chars().take("2024-01-15".len()).collect()
}
