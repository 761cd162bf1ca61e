//! Waiting for a condition.

use std::fmt::Debug;
use std::time::Duration;
use tokio::time::{Instant, interval};

/// How long a condition may take to come true. Nothing is slow on purpose: this is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it is looked at.
const INTERVAL: Duration = Duration::from_millis(25);

/// Looks until `observe` gives what `wanted` accepts, and gives that.
///
/// # Panics
/// When it never does, showing what was seen last.
pub async fn eventually<T: Debug>(
    what: &str,
    mut observe: impl AsyncFnMut() -> T,
    wanted: impl Fn(&T) -> bool,
) -> T {
    let begun = Instant::now();
    let mut ticks = interval(INTERVAL);
    loop {
        ticks.tick().await;
        let seen = observe().await;
        if wanted(&seen) {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}; last seen: {seen:?}");
    }
}
