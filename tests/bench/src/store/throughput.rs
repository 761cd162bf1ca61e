//! Orders as fast as 16 clients place them, until the last consumer is done. The floor is calls that reach the
//! API's function and touch no table.

use super::orders::{CLIENTS, place, settle};
use crate::figures::{Figures, percentile};
use futures_util::stream::{self, StreamExt};
use serde_json::Value;
use std::time::Instant;
use system_tests::Store;

const ORDERS: usize = 3_000;

pub(super) async fn measure(store: &Store, figures: &mut Figures) {
    let begun = Instant::now();
    stream::iter(0..ORDERS)
        .map(|_| store.api.get("/nothing-here"))
        .buffer_unordered(CLIENTS)
        .for_each(|_| async {})
        .await;
    let floor = ORDERS as f64 / begun.elapsed().as_secs_f64();

    let before = deliveries(store).await;
    let requests_before = aws_requests(store).await;
    let begun = Instant::now();
    let orders = place(store, ORDERS).await;
    let placed = ORDERS as f64 / begun.elapsed().as_secs_f64();
    for queue in ["EmailQueue", "InventoryQueue", "ShippingQueue", "AnalyticsQueue"] {
        store.aws.drained(queue).await;
    }
    let mut latencies = settle(store, &orders).await;
    let delivered = deliveries(store).await - before;
    let last = latencies.iter().copied().fold(0.0, f64::max) / 1e3;
    let took = begun.elapsed().as_secs_f64().min(ORDERS as f64 / placed + last);
    let requests = aws_requests(store).await - requests_before;

    figures.add("calls that touch no table (floor)", floor, "/s", "16 clients");
    figures.add("orders placed", placed, "/s", "16 clients");
    figures.add("orders placed, of the floor", 100.0 * placed / floor, "%", "");
    figures.add("deliveries to consumers", delivered as f64 / took, "/s", "aim: 1,000");
    figures.add("order to last consumer under load, p50", percentile(&mut latencies, 50), "ms", "");
    figures.add("order to last consumer under load, p99", percentile(&mut latencies, 99), "ms", "");
    let each = requests as f64 / delivered as f64;
    figures.add("AWS requests per delivery", each, "", "all services");
}

async fn statistics(store: &Store) -> Value {
    store.runner.get("/_fanfare/stats").await.body
}

/// Records that consumers were given so far.
async fn deliveries(store: &Store) -> u64 {
    let statistics = statistics(store).await;
    let mappings = statistics["mappings"].as_array().cloned().unwrap_or_default();
    let consumers = mappings.iter().filter(|mapping| mapping["function"] != "RelayFunction");
    consumers.filter_map(|mapping| mapping["records"].as_u64()).sum()
}

async fn aws_requests(store: &Store) -> u64 {
    statistics(store).await["awsRequests"].as_u64().unwrap_or_default()
}
