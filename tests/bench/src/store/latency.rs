//! Orders at a pace that leaves the machine idle in between: the latency of one order.

use super::orders::settle;
use crate::figures::{Figures, percentile};
use std::time::Duration;
use system_tests::Store;
use tokio::time::interval;

const ORDERS: usize = 250;
/// One order in this time.
const PACE: Duration = Duration::from_millis(20);

pub(super) async fn measure(store: &Store, figures: &mut Figures) {
    let mut ticks = interval(PACE);
    let mut orders = Vec::with_capacity(ORDERS);
    for _ in 0..ORDERS {
        ticks.tick().await;
        orders.push(store.order("cust_1", "mug", 1).await);
    }
    let mut latencies = settle(store, &orders).await;
    let pace = "50 orders/s";
    figures.add("order to last consumer, p50", percentile(&mut latencies, 50), "ms", pace);
    figures.add("order to last consumer, p99", percentile(&mut latencies, 99), "ms", pace);
}
