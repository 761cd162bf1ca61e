//! Chance: streams of random numbers, all from one seed.

use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One stream of random numbers. What one part of the simulation draws changes nothing for another part.
#[derive(Debug)]
pub(crate) struct Chance(Mutex<fastrand::Rng>);

impl Chance {
    /// The stream of this purpose.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let start = 0xcbf2_9ce4_8422_2325_u64;
        let mixed = purpose
            .bytes()
            .fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self(Mutex::new(fastrand::Rng::with_seed(mixed ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))))
    }

    /// Lets `draw` draw.
    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether something of this probability happens.
    pub(crate) fn happens(&self, probability: f64) -> bool {
        self.draw(fastrand::Rng::f64) < probability
    }

    /// A number of a range.
    pub(crate) fn between(&self, range: RangeInclusive<u64>) -> u64 {
        self.draw(|random| random.u64(range))
    }

    /// A time of so many milliseconds.
    pub(crate) fn millis(&self, range: RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.between(range))
    }

    /// A number of a range, small ones as likely as big ones are.
    pub(crate) fn magnitude(&self, range: RangeInclusive<u64>) -> u64 {
        let (low, high) = (*range.start() as f64, *range.end() as f64);
        let drawn = low * (high / low).powf(self.draw(fastrand::Rng::f64));
        (drawn as u64).clamp(*range.start(), *range.end())
    }

    /// One of these.
    pub(crate) fn one_of<'a, T>(&self, choices: &'a [T]) -> &'a T {
        let n = self.draw(|random| random.usize(..choices.len()));
        choices.get(n).expect("there is something to choose from")
    }
}
