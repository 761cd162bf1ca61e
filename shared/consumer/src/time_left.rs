//! The time that is left of an invocation.

use event_schema::Timestamp;
use std::time::Duration;

/// What is kept free at the end of an invocation, to return what is unfinished: a tenth of its time ...
const SHARE: u32 = 10;
/// ... but no more than this.
const MOST: Duration = Duration::from_secs(1);

/// When an invocation's time is over, and when to stop beginning anything before that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeLeft {
    /// When the invocation ends.
    pub(crate) deadline: Timestamp,
    /// After this, nothing is begun.
    last_begin: Timestamp,
}

impl TimeLeft {
    pub(crate) fn new(now: Timestamp, deadline: Timestamp) -> Self {
        let margin = (between(now, deadline) / SHARE).min(MOST);
        let last_begin = deadline.checked_sub(margin).unwrap_or(deadline);
        Self { deadline, last_begin }
    }

    /// How long something that begins now may take; `None` when it should not begin.
    pub(crate) fn at(&self, now: Timestamp) -> Option<Duration> {
        Some(between(now, self.last_begin)).filter(|left| !left.is_zero())
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
}
