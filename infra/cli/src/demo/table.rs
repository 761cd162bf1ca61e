//! A row per order: its whole life.

use super::samples::Order;
use super::trace::Trace;
use crate::terminal;
use comfy_table::Table;
use comfy_table::presets::{NOTHING, UTF8_FULL_CONDENSED};

/// Draws the table: with lines on a terminal, with nothing but spaces elsewhere.
pub(super) fn render(orders: &[Order], traces: &[Trace]) -> String {
    let mut table = Table::new();
    table.load_style(if terminal::is_fancy() { UTF8_FULL_CONDENSED } else { NOTHING });
    table.set_header(["order", "what happened, and after how long", "what was done", "end"]);
    for (order, trace) in orders.iter().zip(traces) {
        let row = [
            describe(order),
            trace.life().join("\n"),
            trace.deeds().join("\n"),
            trace.end().to_owned(),
        ];
        table.add_row(row);
    }
    table.to_string()
}

fn describe(order: &Order) -> String {
    let items: Vec<_> =
        order.items.iter().map(|item| format!("{} {}", item.quantity, item.sku)).collect();
    let customer = order.customer_id.trim_start_matches("cust_");
    let total: u64 = order.items.iter().map(|i| u64::from(i.quantity) * i.unit_price).sum();
    format!("{customer}: {}\nfor {total} {}", items.join(", "), order.currency)
}
