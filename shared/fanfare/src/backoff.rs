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
    /// 2 seconds, growing to 15 minutes: with 8 tries a message is tried for some minutes.
    fn default() -> Self {
        Self { base: Duration::from_secs(2), cap: Duration::from_secs(15 * 60) }
    }
}

/// The delay after so many tries of a message: exponential with full jitter
/// (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>), in whole seconds because SQS counts in
/// those, and at least one.
pub(crate) fn delay(backoff: Backoff, tries: u32, random: &mut fastrand::Rng) -> Duration {
    let doublings = tries.saturating_sub(1).min(31);
    let ceiling = backoff.base.saturating_mul(1 << doublings).min(backoff.cap);
    Duration::from_secs(random.u64(1..=ceiling.as_secs().max(1)))
}

/// How often a message is looked at again that waits for something to pass, which says nothing about itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ByAge {
    shortest: Duration,
    longest: Duration,
}

impl ByAge {
    /// Until somebody else is done.
    pub(crate) const BUSY: Self =
        Self { shortest: Duration::from_secs(1), longest: Duration::from_secs(60) };
    /// Until a dependency works again. With 12 hours of that, a message is received some 20 times.
    pub(crate) const OUTAGE: Self =
        Self { shortest: Duration::from_secs(30), longest: Duration::from_secs(60 * 60) };
    /// The same, after a first failure which may have been in passing.
    pub(crate) const UNAVAILABLE: Self =
        Self { shortest: Duration::from_secs(2), longest: Duration::from_secs(60 * 60) };

    /// The delay of a message of this age: a quarter of it, so that the delays grow, and that what has passed is noticed
    /// within a quarter of the time that it took; and up to twice that, so that messages do not come back in step.
    pub(crate) fn delay(self, age: Duration, random: &mut fastrand::Rng) -> Duration {
        (age / 4).clamp(self.shortest, self.longest).mul_f64(1.0 + random.f64())
    }
}

/// The delay after an effect was begun so many times whose outcome is unknown. Each time it may have happened, so that the
/// few tries have to outlast an outage: the eight that there are by default take 13 hours at least.
pub(crate) fn after_unknown(begun: u32, random: &mut fastrand::Rng) -> Duration {
    const FIRST: Duration = Duration::from_secs(5);
    const LONGEST: Duration = Duration::from_secs(42_300);
    let growth = 5_u32.saturating_pow(begun.saturating_sub(1));
    FIRST.saturating_mul(growth).min(LONGEST).mul_f64(0.75 + random.f64() / 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How often a message comes back that is delayed by its age, while something takes 12 hours.
    fn receives_in_twelve_hours(by_age: ByAge, seed: u64) -> u32 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (mut age, mut receives) = (Duration::ZERO, 0);
        while age < Duration::from_secs(12 * 60 * 60) {
            age += by_age.delay(age, &mut random);
            receives += 1;
        }
        receives
    }

    #[test]
    fn twelve_hours_of_an_outage_cost_a_message_some_twenty_receives() {
        let receives: Vec<_> =
            (0..100).map(|seed| receives_in_twelve_hours(ByAge::OUTAGE, seed)).collect();
        let mean = receives.iter().sum::<u32>() / 100;
        assert!((18..=24).contains(&mean), "{mean}");
        assert!(receives.iter().all(|receives| *receives <= 32), "{receives:?}");
    }

    #[test]
    fn eight_tries_of_unknown_outcome_outlast_twelve_hours() {
        for seed in 0..100 {
            let mut random = fastrand::Rng::with_seed(seed);
            let delays = (1..8).map(|begun| after_unknown(begun, &mut random));
            assert!(delays.sum::<Duration>() > Duration::from_secs(12 * 60 * 60));
        }
    }

    proptest! {
        #[test]
        fn a_delay_grows_with_the_tries_and_stays_within_its_bounds(
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
