//! `make bench`: one run of the whole store on this machine, measured.
//!
//! Everything is real: the `fanfare` command, the function processes, HTTP and the SDK in between. Rates are
//! set beside a floor of the same run: calls that reach the API's function and touch no table.
#![allow(
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a benchmark: what goes wrong ends it"
)]

mod figures;

use figures::{Figures, percentile};
use futures_util::stream::{self, StreamExt};
use serde_json::Value;
use std::time::{Duration, Instant};
use system_tests::Store;
use tokio::time::interval;

/// Starts whose median is taken.
const STARTS: usize = 5;
/// Orders of the throughput part.
const ORDERS: usize = 3_000;
/// Clients that place them, and calls of the floor.
const CLIENTS: usize = 16;
/// Orders of the latency part, one every `PACE`.
const PACED: usize = 250;
const PACE: Duration = Duration::from_millis(20);
/// Orders that warm everything up first.
const WARM_UP: usize = 200;

#[tokio::main]
async fn main() {
    let mut figures = Figures::default();
    measure_starts(&mut figures).await;
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    store.stock("mug", 1_000_000).await;
    settle(&store, &place(&store, WARM_UP).await).await;
    measure_latency(&store, &mut figures).await;
    measure_memory(&store, "after 450 orders", &mut figures).await;
    measure_throughput(&store, &mut figures).await;
    measure_memory(&store, "after 3,450 orders", &mut figures).await;
    figures.print();
}

async fn measure_starts(figures: &mut Figures) {
    let mut starts = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let begun = Instant::now();
        let store = Store::start(&[]).await;
        starts.push(begun.elapsed().as_secs_f64() * 1e3);
        store.stop().await;
    }
    figures.add(
        "process start to ready (median of 5)",
        percentile(&mut starts, 50),
        "ms",
        "aim: 1,000",
    );
}

/// Orders at a pace that leaves the machine idle in between: the latency of one order.
async fn measure_latency(store: &Store, figures: &mut Figures) {
    let mut ticks = interval(PACE);
    let mut orders = Vec::with_capacity(PACED);
    for _ in 0..PACED {
        ticks.tick().await;
        orders.push(store.order("cust_1", "mug", 1).await);
    }
    let mut latencies = settle(store, &orders).await;
    let pace = "50 orders/s";
    figures.add("order to last consumer, p50", percentile(&mut latencies, 50), "ms", pace);
    figures.add("order to last consumer, p99", percentile(&mut latencies, 99), "ms", pace);
}

/// Orders as fast as 16 clients place them, until the last consumer is done.
async fn measure_throughput(store: &Store, figures: &mut Figures) {
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
    figures.add(
        "AWS requests per delivery",
        requests as f64 / delivered as f64,
        "",
        "all services",
    );
}

/// Memory by what each process has of its own plus its share of what it shares with others (proportional set
/// size): processes of one program share its code.
async fn measure_memory(store: &Store, when: &str, figures: &mut Figures) {
    let runner = proportional_kib(store.process().pid());
    let functions = store.function_processes().await;
    let note = format!("{when}, {} function processes", functions.len());
    let functions: u64 = functions.into_iter().map(proportional_kib).sum();
    figures.add("memory of the runner", runner as f64 / 1024.0, "MiB", when);
    figures.add("memory of the functions", functions as f64 / 1024.0, "MiB", &note);
    figures.add("memory in all", (runner + functions) as f64 / 1024.0, "MiB", "aim: 150");
}

async fn place(store: &Store, orders: usize) -> Vec<String> {
    stream::iter(0..orders)
        .map(|_| store.order("cust_1", "mug", 1))
        .buffer_unordered(CLIENTS)
        .collect()
        .await
}

/// Waits for the orders' consumers, and gives for each order the milliseconds from its event to the end of
/// its last consumer.
async fn settle(store: &Store, orders: &[String]) -> Vec<f64> {
    let mut latencies = Vec::with_capacity(orders.len());
    for order in orders {
        let trace = store.settled(order).await;
        let consumers = trace["events"][0]["consumers"].as_array().cloned().unwrap_or_default();
        let after = consumers.iter().filter_map(|consumer| consumer["afterMs"].as_f64());
        latencies.push(after.fold(0.0, f64::max));
    }
    latencies
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

/// KiB of a process's memory.
fn proportional_kib(pid: u32) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
