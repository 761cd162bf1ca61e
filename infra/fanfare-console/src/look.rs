//! Looking into dead-letter queues: one look at a queue at a time, since two would each see a part, and a bounded one.

use fanfare_operate::{Progress, Stop};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Dead letters that one look reads at the most.
pub(crate) const MOST: u64 = 2_000;

/// Whose turn it is, by consumer.
#[derive(Default)]
pub(crate) struct Looks(Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>);

impl Looks {
    /// What is held while a consumer's dead letters are read. Only for consumers that there are: each is kept.
    pub(crate) fn of(&self, consumer: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(consumer.to_owned()).or_default().clone()
    }
}

/// Ends a look once it has read [`MOST`].
pub(crate) struct Bound {
    read: AtomicU64,
    pub(crate) stop: Stop,
}

impl Default for Bound {
    fn default() -> Self {
        Self { read: AtomicU64::new(0), stop: Stop::default() }
    }
}

impl Bound {
    /// Whether there was more to read.
    pub(crate) fn is_reached(&self) -> bool {
        self.stop.is_requested()
    }
}

impl Progress for Bound {
    fn begin(&self, _: &'static str) {}

    fn expect(&self, _: u64) {}

    fn advance(&self, steps: u64) {
        if self.read.fetch_add(steps, Ordering::Relaxed) + steps >= MOST {
            self.stop.request();
        }
    }
}
