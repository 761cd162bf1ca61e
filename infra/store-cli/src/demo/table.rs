//! A row per order: its whole life.

use super::samples::Order;
use super::trace::Trace;
use fanfare_cli::output::table;

/// Draws the table.
pub(super) fn render(orders: &[Order], traces: &[Trace]) -> String {
    let rows = orders.iter().zip(traces).map(|(order, trace)| {
        [describe(order), trace.life().join("\n"), trace.deeds().join("\n"), trace.end().to_owned()]
    });
    table(["order", "what happened, and after how long", "what was done", "end"], rows)
}

fn describe(order: &Order) -> String {
    let items: Vec<_> =
        order.items.iter().map(|item| format!("{} {}", item.quantity, item.sku)).collect();
    let customer = order.customer_id.trim_start_matches("cust_");
    let total: u64 = order.items.iter().map(|i| u64::from(i.quantity) * i.unit_price).sum();
    format!("{customer}: {}\nfor {total} {}", items.join(", "), order.currency)
}
