//! What batches of other sizes change for `inventory`, and what its write units are for.

use super::comparison::print;
use super::execution_environment::{Consumption, ExecutionEnvironment};
use super::subject::Subject;
use super::tables::{EVENTS, LEDGER, STOCK};
use super::tally::{CANCELLED, INDEX};

/// Sizes, the SKUs that orders share, and messages to measure with.
const WORKLOADS: [(usize, usize, usize); 5] =
    [(1, 100, 600), (10, 100, 6_000), (100, 100, 12_000), (10, 10, 6_000), (100, 10, 12_000)];

pub(crate) async fn measure() {
    println!(
        "inventory by the size of its batches and the SKUs that orders share; write units a message, and what for\n"
    );
    let mut rows = Vec::with_capacity(WORKLOADS.len());
    for (batch, skus, messages) in WORKLOADS {
        let floor = consumption(Subject::PutItem, batch, skus, messages).await;
        let ours = consumption(Subject::Inventory, batch, skus, messages).await;
        let mut row = vec![
            batch.to_string(),
            skus.to_string(),
            format!("{:.0}", floor.messages_per_second()),
            format!("{:.0}", ours.messages_per_second()),
            format!("{:.3}", ours.cpu_seconds_per_thousand()),
            format!("{:.2}", ours.per_message(ours.tally.requests as f64)),
        ];
        let units = [LEDGER, EVENTS, INDEX, STOCK, CANCELLED];
        let units = units.map(|what| ours.tally.units.get(what).copied().unwrap_or_default());
        let all = [ours.tally.write_units()].into_iter().chain(units);
        row.extend(all.map(|units| format!("{:.2}", ours.per_message(units))));
        rows.push(row);
    }
    let header = [
        "batch",
        "SKUs",
        "PutItem, /s",
        "inventory, /s",
        "CPU s/1,000",
        "requests",
        "units",
        "ledger",
        "events",
        "index",
        "stock",
        "cancelled",
    ];
    print(&header, rows);
}

async fn consumption(subject: Subject, batch: usize, skus: usize, messages: usize) -> Consumption {
    ExecutionEnvironment::start_selling(subject, skus).await.work(batch, messages).await
}
