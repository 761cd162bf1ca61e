//! From the start of the `fanfare` process until it is ready.

use crate::figures::{Figures, median};
use std::time::Instant;
use system_tests::Store;

/// Starts whose median is taken.
const STARTS: usize = 5;

pub(super) async fn measure(figures: &mut Figures) {
    let mut starts = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let begun = Instant::now();
        let store = Store::start(&[]).await;
        starts.push(begun.elapsed().as_secs_f64() * 1e3);
        store.stop().await;
    }
    figures.add("process start to ready (median of 5)", median(starts), "ms", "aim: 1,000");
}
