//! Virtual time: tokio's paused clock, as the time of day that each library asks for.

use aws_smithy_async::time::TimeSource;
use fanfare::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// When every run begins: just before midnight, so that its orders fall on two days.
const BEGINNING: &str = "2026-03-31T23:59:30Z";

/// The time of day everywhere but in a skewed execution environment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VirtualTime {
    started: Instant,
    beginning: Timestamp,
}

impl VirtualTime {
    /// Begins a run.
    pub(crate) fn start() -> Self {
        let beginning = BEGINNING.parse().expect("the beginning is a timestamp");
        Self { started: Instant::now(), beginning }
    }

    /// How long the run has gone on.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The time of day.
    pub(crate) fn now(&self) -> Timestamp {
        self.beginning + self.elapsed()
    }
}

impl TimeSource for VirtualTime {
    fn now(&self) -> SystemTime {
        self.now().into()
    }
}

impl dynoxide::storage_backend::Clock for VirtualTime {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.now().as_second()).unwrap_or(0)
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.now().as_millisecond() as f64 / 1000.0
    }
}

/// An execution environment's own clock.
#[derive(Debug, Clone)]
pub(crate) struct EnvironmentClock {
    pub(crate) time: VirtualTime,
    /// Milliseconds that it is ahead, while faults are on.
    pub(crate) skew: i64,
    pub(crate) faults_are_on: Arc<AtomicBool>,
}

impl EnvironmentClock {
    /// The time as this clock shows it.
    pub(crate) fn now(&self) -> Timestamp {
        let skew = if self.is_skewed() { self.skew } else { 0 };
        let ms = self.time.now().as_millisecond() + skew;
        Timestamp::from_millisecond(ms).expect("a time near the beginning")
    }

    /// Whether it is wrong.
    pub(crate) fn is_skewed(&self) -> bool {
        self.skew != 0 && self.faults_are_on.load(Ordering::Relaxed)
    }
}

impl fanfare::Clock for EnvironmentClock {
    fn now(&self) -> Timestamp {
        self.now()
    }
}
