//! Analytics: counts orders, money and pieces, by day.
//!
//! Every figure is a counter, and every event adds to its own: they may arrive in any order. A figure counts on
//! the day of its event, in the shard of who counts it, so a refund lessens the day on which it was made, not the day of the sale. Pieces count when they
//! leave: what is cancelled before that was never sold, and what has left can't be cancelled any more.

use event_schema::{Currency, ReservedItem, StoreEvent};
use fanfare::{Consumer, Failure, Work, Write};
use fanfare::{Event, Timestamp};
use read_models::sales::{
    self, CAPTURED, ORDERED, ORDERS, REACHED, REFUNDED, Shard, Stage, TABLE, UNITS,
};

/// The consumer of an order's whole life, which counts in one shard of each day.
pub fn consumer(shard: Shard) -> Consumer<StoreEvent> {
    Consumer::new("analytics", move |event| count(shard, event)).tables([TABLE])
}

async fn count(shard: Shard, event: Event<StoreEvent>) -> Result<Work, Failure> {
    let day = day(event.timestamp);
    let reached = |stage| Write::count(TABLE, sales::funnel(shard, &day, stage)).add(REACHED, 1);
    let money = |currency: Currency| Write::count(TABLE, sales::money(shard, &day, currency));
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
        StoreEvent::OrderConfirmed(_) => Work::did("counted").write(reached(Stage::Confirmed)),
        // It follows on every OrderShipped, which says how many pieces have left but not which.
        StoreEvent::InventoryDispatched(order) => Work::did("counted")
            .write(reached(Stage::Shipped))
            .writes(units(shard, &day, order.items)?),
        StoreEvent::OrderCancelled(order) => {
            Work::did("counted").write(reached(Stage::Cancelled(order.reason)))
        }
        _ => Work::did("nothing to count"),
    })
}

/// Counts pieces. What was set aside names each SKU once.
fn units(shard: Shard, day: &str, items: Vec<ReservedItem>) -> Result<Vec<Write>, Failure> {
    let count = |item: ReservedItem| {
        let quantity = amount("quantity", item.quantity)?;
        Ok(Write::count(TABLE, sales::units(shard, day, &item.sku)).add(UNITS, quantity))
    };
    items.into_iter().map(count).collect()
}

fn amount(field: &str, amount: u64) -> Result<i64, Failure> {
    i64::try_from(amount).map_err(|e| Failure::permanent(format!("{field} is absurd")).caused_by(e))
}

/// The day of an event, in UTC: `2024-01-15`.
fn day(at: Timestamp) -> String {
    at.to_string().chars().take("2024-01-15".len()).collect()
}
