//! The time that is left of an invocation.

use fanfare_event::Timestamp;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What is kept free at the end of an invocation, to return what is unfinished: a tenth of its time ...
const SHARE: u32 = 10;
/// ... but no more than this.
const MOST: Duration = Duration::from_secs(1);
/// What is kept of that for the last steps of a batch, once commits had to end: a half.
const FINISH: u32 = 2;
/// What is kept of it for the answer to Lambda: a tenth.
const ANSWER: u32 = 10;

/// What a last step takes at the most, its repetitions by the SDK included.
const LONGEST_STEP: Duration = Duration::from_secs(3);

/// When an invocation's time is over, and when to stop beginning anything before that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeLeft {
    /// When the invocation ends.
    pub(crate) deadline: Timestamp,
    /// After this, nothing is begun.
    last_begin: Timestamp,
    /// After this, no commit is waited for: what an effect did just in time has to be committed still.
    last_commit: Timestamp,
    /// After this, there is the answer and nothing else.
    last_step: Timestamp,
}

impl TimeLeft {
    pub(crate) fn new(now: Timestamp, deadline: Timestamp) -> Self {
        let margin = (between(now, deadline) / SHARE).min(MOST);
        let before = |time: Duration| deadline.checked_sub(time).unwrap_or(deadline);
        Self {
            deadline,
            last_begin: before(margin),
            last_commit: before(margin / FINISH),
            last_step: before(margin / ANSWER),
        }
    }

    /// How long something that begins now may take; `None` when it should not begin.
    pub(crate) fn at(&self, now: Timestamp) -> Option<Duration> {
        Some(between(now, self.last_begin)).filter(|left| !left.is_zero())
    }

    /// Until when a commit may take that begins now.
    pub(crate) fn commit(&self, now: Timestamp) -> Instant {
        Instant::now() + between(now, self.last_commit)
    }

    /// Until when it may take to keep an effect's result: a half of what is left for it and its commit.
    pub(crate) fn keep(&self, now: Timestamp) -> Instant {
        Instant::now() + between(now, self.last_commit) / 2
    }

    /// Until when the first of so many last steps may take that begins now: its share of what is left, but no longer
    /// than keeps the rest of the batch from its turn.
    pub(crate) fn step(&self, now: Timestamp, steps: u32) -> Instant {
        Instant::now() + (between(now, self.last_step) / steps).min(LONGEST_STEP)
    }
}

/// Waits for something, but no longer than until then: `None` if it has not ended, or if it is too late to
/// begin it.
pub(crate) async fn within<T>(until: Instant, something: impl Future<Output = T>) -> Option<T> {
    match Instant::now() < until {
        true => timeout_at(until, something).await.ok(),
        false => None,
    }
}

/// From one time to a later one; nothing if it is not later.
pub(crate) fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_tenth_of_an_invocation_begins_nothing() {
        let start = Timestamp::UNIX_EPOCH;
        let after = |ms| start + Duration::from_millis(ms);
        let time = TimeLeft::new(start, after(2000));
        assert_eq!(time.at(after(1700)), Some(Duration::from_millis(100)));
        assert_eq!(time.at(after(1800)), None);
        assert_eq!(
            TimeLeft::new(start, after(100_000)).at(after(98_999)),
            Some(Duration::from_millis(1))
        );
        assert_eq!(TimeLeft::new(after(5), start).at(after(5)), None);
    }

    #[tokio::test]
    async fn a_commit_and_the_last_steps_have_their_part_of_that_tenth() {
        let start = Timestamp::UNIX_EPOCH;
        let after = |ms| start + Duration::from_millis(ms);
        let time = TimeLeft::new(start, after(2000));
        let ms = |until: Instant| until.saturating_duration_since(Instant::now()).as_millis();
        assert!((90..=100).contains(&ms(time.commit(after(1800)))));
        assert!((70..=80).contains(&ms(time.step(after(1900), 1))));
        assert!((30..=40).contains(&ms(time.step(after(1900), 2))));
        assert_eq!(ms(time.step(after(2000), 1)), 0);
    }

    #[tokio::test]
    async fn what_is_too_late_is_not_even_begun() {
        let begun = std::cell::Cell::new(false);
        let something = async { begun.set(true) };
        assert_eq!(within(Instant::now(), something).await, None);
        assert!(!begun.get());
    }
}
