//! How long a failed message stays hidden.

use std::time::Duration;

/// The longest visibility timeout that SQS takes is 12 hours; a quarter of one keeps an outage's
/// aftermath short.
const CAP: Duration = Duration::from_secs(3 * 60 * 60 / 12);
/// The most that the first retry waits.
const BASE: Duration = Duration::from_secs(2);

/// The delay before the next try of a message that was received `receive_count` times: exponential with
/// full jitter (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>), in whole
/// seconds because SQS counts in those, and at least one.
pub(crate) fn delay(receive_count: u32, random: &mut fastrand::Rng) -> Duration {
    let doublings = receive_count.saturating_sub(1).min(31);
    let ceiling = BASE.saturating_mul(1 << doublings).min(CAP);
    Duration::from_secs(random.u64(1..=ceiling.as_secs()))
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
            let delay = delay(count, &mut fastrand::Rng::with_seed(seed)).as_secs();
            let doublings = count.saturating_sub(1).min(20);
            prop_assert!(delay >= 1);
            prop_assert!(delay <= CAP.as_secs().min(2 << doublings));
        }
    }
}
