//! The time that an invocation has left.

use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Until when requests may go on, and how long they take.
pub(crate) struct TimeLeft {
    deadline: Instant,
    /// How long the longest step took so far: the next may take as long.
    longest: Duration,
}

impl TimeLeft {
    pub(crate) fn until(deadline: Instant) -> Self {
        Self { deadline, longest: Duration::ZERO }
    }

    /// Does a step; `None` when it was not begun, since it could not have ended in time, or did not end in time. It may
    /// have had its effect then.
    pub(crate) async fn within<T>(&mut self, step: impl Future<Output = T>) -> Option<T> {
        let begun = Instant::now();
        if begun + self.longest >= self.deadline {
            return None;
        }
        let done = timeout_at(self.deadline, step).await;
        self.longest = self.longest.max(begun.elapsed());
        done.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_step_is_begun_only_if_one_as_long_as_the_longest_can_end() {
        let mut time = TimeLeft::until(Instant::now() + SECOND * 5);
        assert_eq!(time.within(sleep(SECOND * 2)).await, Some(()));
        assert_eq!(time.within(sleep(SECOND)).await, Some(()));
        let before = Instant::now();
        assert_eq!(
            time.within(sleep(SECOND)).await,
            None,
            "2 s are left, of which 2 may be needed"
        );
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_ends_at_the_deadline_at_the_latest() {
        let mut time = TimeLeft::until(Instant::now() + SECOND);
        let before = Instant::now();
        assert_eq!(time.within(sleep(SECOND * 60)).await, None);
        assert_eq!(before.elapsed(), SECOND);
    }
}
