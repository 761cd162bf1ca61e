//! Being asked to stop, as by Ctrl-C.

use std::sync::Arc;
use tokio::sync::watch;

/// A request to stop. What is under way ends after the batch that it is at, and releases what it holds.
/// Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    /// Asks for it.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was asked for.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is asked for.
    pub async fn requested(&self) {
        let mut asked = self.0.subscribe();
        // The sender is ours, so that it outlives the wait.
        if asked.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
