//! Placing orders, and waiting for what follows from them.

use futures_util::stream::{self, StreamExt};
use system_tests::Store;

/// Clients that place orders at once.
pub(super) const CLIENTS: usize = 16;

/// Places orders as fast as the clients can, and gives their ids.
pub(super) async fn place(store: &Store, orders: usize) -> Vec<String> {
    stream::iter(0..orders)
        .map(|_| store.order("cust_1", "mug", 1))
        .buffer_unordered(CLIENTS)
        .collect()
        .await
}

/// Waits for the orders' consumers, and gives for each order the milliseconds from its event to the end of
/// its last consumer.
pub(super) async fn settle(store: &Store, orders: &[String]) -> Vec<f64> {
    let mut latencies = Vec::with_capacity(orders.len());
    for order in orders {
        let trace = store.settled(order).await;
        let consumers = trace["events"][0]["consumers"].as_array().cloned().unwrap_or_default();
        let after = consumers.iter().filter_map(|consumer| consumer["afterMs"].as_f64());
        latencies.push(after.fold(0.0, f64::max));
    }
    latencies
}
