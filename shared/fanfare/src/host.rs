//! The host: time and randomness, which a run depends on besides its input. A simulation brings its own.

use fanfare_event::Timestamp;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Tells the time.
///
/// ```
/// use fanfare::{Clock, Timestamp};
///
/// /// A clock that stands still.
/// struct Stopped(Timestamp);
///
/// impl Clock for Stopped {
///     fn now(&self) -> Timestamp {
///         self.0
///     }
/// }
///
/// assert_eq!(Stopped(Timestamp::UNIX_EPOCH).now(), Timestamp::UNIX_EPOCH);
/// ```
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
///
/// ```
/// use fanfare::{Clock, SystemClock, Timestamp};
///
/// assert!(SystemClock.now() > Timestamp::UNIX_EPOCH);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The clock and the source of randomness of one [`Runtime`](crate::Runtime).
///
/// ```
/// use fanfare::{Host, SystemClock};
///
/// let _of_a_function = Host::real();
/// let _of_a_test = Host::simulated(SystemClock, 17);
/// ```
pub struct Host {
    clock: Box<dyn Clock>,
    random: Mutex<fastrand::Rng>,
    is_real: bool,
}

impl Host {
    /// The machine's clock and a random seed.
    pub fn real() -> Self {
        Self {
            clock: Box::new(SystemClock),
            random: Mutex::new(fastrand::Rng::new()),
            is_real: true,
        }
    }

    /// A clock and a seed of one's own, with which a run can be repeated. Nobody reads its metrics, so none
    /// are written.
    pub fn simulated(clock: impl Clock + 'static, seed: u64) -> Self {
        Self {
            clock: Box::new(clock),
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            is_real: false,
        }
    }

    /// Whether somebody reads the metrics.
    pub(crate) fn is_real(&self) -> bool {
        self.is_real
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets `draw` draw. A panic elsewhere leaves the generator usable, so a poisoned lock is no matter.
    pub(crate) fn random<T>(&self, draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        draw(&mut self.random.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A token that no other owner has.
    pub(crate) fn token(&self) -> String {
        self.random(|random| Uuid::from_u128(random.u128(..))).simple().to_string()
    }
}
