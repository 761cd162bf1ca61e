//! Waits of a fixed length, precise to a tenth of a millisecond. tokio's own are rounded up to whole ones.

use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Wakes whoever waits, in the order of their calls, from a thread of its own.
#[derive(Clone)]
pub(crate) struct Delay {
    length: Duration,
    waiting: Sender<(Instant, oneshot::Sender<()>)>,
}

impl Delay {
    pub(crate) fn new(length: Duration) -> Self {
        let (waiting, due) = channel::<(Instant, oneshot::Sender<()>)>();
        thread::spawn(move || {
            for (when, waker) in due {
                thread::sleep(when.saturating_duration_since(Instant::now()));
                // One that waits no longer need not be woken.
                waker.send(()).ok();
            }
        });
        Self { length, waiting }
    }

    /// Waits until the length has passed since `begun`. Calls must come in the order of their beginnings.
    pub(crate) async fn since(&self, begun: Instant) {
        let (waker, woken) = oneshot::channel();
        self.waiting.send((begun + self.length, waker)).expect("the timer runs");
        woken.await.expect("the timer runs");
    }
}
