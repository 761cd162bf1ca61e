//! Not too fast.

use crate::Stop;
use std::time::Duration;
use tokio::time::Instant;

/// Keeps to so many messages a second.
#[derive(Debug)]
pub struct Pace {
    per_second: Option<u32>,
    begun: Instant,
    gone: u64,
}

impl Pace {
    /// `None`: as fast as it goes.
    pub fn new(per_second: Option<u32>) -> Self {
        Self { per_second, begun: Instant::now(), gone: 0 }
    }

    /// Waits until so many more may go, or a stop is asked for.
    pub async fn wait(&mut self, messages: usize, stop: &Stop) {
        if let Some(rate) = self.per_second {
            let due = Duration::from_secs(self.gone) / rate.max(1);
            tokio::select! {
                () = tokio::time::sleep_until(self.begun + due) => {}
                () = stop.requested() => {}
            }
        }
        self.gone += messages as u64;
    }
}
