//! The one signal that ends every task of a runner.

use tokio::sync::watch;

/// Asks every task that holds a [`Stop`] to end.
#[derive(Debug)]
pub(crate) struct Stopper(watch::Sender<bool>);

/// Held by a task that has to end when the runner does.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

/// A fresh pair.
pub(crate) fn channel() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether it is time to end.
    pub(crate) fn is_requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Ends when the runner stops, or is dropped.
    pub(crate) async fn requested(&mut self) {
        // An error means that the runner is gone, which is a stop as well.
        drop(self.0.wait_for(|stopped| *stopped).await);
    }
}
