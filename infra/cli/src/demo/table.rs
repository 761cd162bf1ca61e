//! A row per order, a column per consumer.

use super::samples::Order;
use super::trace::Trace;
use crate::terminal;
use comfy_table::Table;
use comfy_table::presets::{NOTHING, UTF8_FULL_CONDENSED};

/// Draws the table: with lines on a terminal, with nothing but spaces elsewhere.
pub(super) fn render(orders: &[Order], traces: &[Trace]) -> String {
    let consumers = consumers(traces);
    let mut table = Table::new();
    table.load_style(if terminal::is_fancy() { UTF8_FULL_CONDENSED } else { NOTHING });
    table.set_header(["order"].into_iter().chain(consumers.iter().copied()).collect::<Vec<_>>());
    for (order, trace) in orders.iter().zip(traces) {
        let told = consumers.iter().map(|consumer| tell(trace, consumer));
        table.add_row([describe(order)].into_iter().chain(told).collect::<Vec<_>>());
    }
    table.to_string()
}

/// Every consumer in the traces, in the order of their first mention.
fn consumers(traces: &[Trace]) -> Vec<&str> {
    let mut consumers = Vec::new();
    for consumption in traces.iter().flat_map(Trace::consumptions) {
        if !consumers.contains(&consumption.consumer.as_str()) {
            consumers.push(consumption.consumer.as_str());
        }
    }
    consumers
}

fn tell(trace: &Trace, consumer: &str) -> String {
    let told: Vec<_> =
        trace.consumptions().filter(|c| c.consumer == consumer).map(|c| c.tell()).collect();
    told.join("\n")
}

fn describe(order: &Order) -> String {
    let items: Vec<_> =
        order.items.iter().map(|item| format!("{} {}", item.quantity, item.sku)).collect();
    let customer = order.customer_id.trim_start_matches("cust_");
    format!("{customer}: {}", items.join(", "))
}
