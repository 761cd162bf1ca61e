//! Waiting for a condition, and names that no other test has.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime};
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

/// A name that no other test, and no earlier run, has used: a deployed stack remembers them all.
///
/// # Panics
/// When the clock is before 1970.
pub fn unique(kind: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock that is set");
    format!("{kind}_{:x}_{}", now.as_millis(), COUNT.fetch_add(1, Relaxed))
}
