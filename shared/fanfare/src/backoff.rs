//! How long a failed message stays hidden.

use std::time::Duration;

/// How the delays of one consumer's retries grow: exponentially, each a random part of what it may be.
///
/// ```
/// use fanfare::Backoff;
/// use std::time::Duration;
///
/// // What lacks most often is a reading that comes once a minute.
/// let patient = Backoff { base: Duration::from_secs(60), ..Backoff::default() };
/// assert_eq!(patient.cap, Duration::from_secs(15 * 60));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The most that the first retry waits. Every further one doubles it.
    pub base: Duration,
    /// The most that any retry waits. SQS hides a message for 12 hours at the most.
    pub cap: Duration,
}

impl Default for Backoff {
    /// 2 seconds, growing to 15 minutes: with 8 receives a message is tried for some minutes.
    fn default() -> Self {
        Self { base: Duration::from_secs(2), cap: Duration::from_secs(15 * 60) }
    }
}

/// The delay before the next try of a message that was received `receive_count` times: exponential with
/// full jitter (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>), in whole
/// seconds because SQS counts in those, and at least one.
pub(crate) fn delay(backoff: Backoff, receive_count: u32, random: &mut fastrand::Rng) -> Duration {
    let doublings = receive_count.saturating_sub(1).min(31);
    let ceiling = backoff.base.saturating_mul(1 << doublings).min(backoff.cap);
    Duration::from_secs(random.u64(1..=ceiling.as_secs().max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_delay_grows_with_the_receive_count_and_stays_within_its_bounds(
            count in any::<u32>(), seed in any::<u64>()
        ) {
            let backoff = Backoff::default();
            let delay = delay(backoff, count, &mut fastrand::Rng::with_seed(seed)).as_secs();
            let doublings = count.saturating_sub(1).min(20);
            prop_assert!(delay >= 1);
            prop_assert!(delay <= backoff.cap.as_secs().min(2 << doublings));
        }
    }
}
