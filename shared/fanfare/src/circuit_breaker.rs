//! Circuit breakers, one per dependency.
//!
//! With partial batch responses Lambda does not slow its polling when messages fail
//! (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>), so the function has to.
//! The state is this execution environment's own.

use crate::time_left::between;
use crate::{Failure, Host};
use fanfare_event::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Failures of a dependency in a row after which it is left alone for a while.
const THRESHOLD: u32 = 5;
/// How long, the first time. Every further time doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// How long at the most.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What may be tried now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// Everything.
    All,
    /// One message, to see whether the dependency works again; the others may come back after this.
    Probe(Duration),
    /// Nothing; everything may come back after this.
    Nothing(Duration),
}

/// One dependency's breaker.
#[derive(Debug, Clone, Copy, Default)]
struct Breaker {
    failures: u32,
    /// Until when nothing is tried, if it is open.
    open_until: Option<Timestamp>,
    /// How often it opened since it last worked.
    opened: u32,
}

/// The breakers of every dependency that has ever failed.
#[derive(Debug, Default)]
pub(crate) struct CircuitBreakers(Mutex<BTreeMap<&'static str, Breaker>>);

impl CircuitBreakers {
    /// What may be tried now, by the breaker that stays open longest.
    pub(crate) fn admission(&self, now: Timestamp) -> Admission {
        let breakers = self.lock();
        let Some(until) = breakers.values().filter_map(|breaker| breaker.open_until).max() else {
            return Admission::All;
        };
        match between(now, until) {
            Duration::ZERO => Admission::Probe(FIRST_PAUSE),
            pause => Admission::Nothing(pause),
        }
    }

    /// Takes note of a failure, if it is a dependency's. Gives the dependency's name when its breaker has
    /// opened because of it.
    pub(crate) fn failed(
        &self,
        failure: &Failure,
        now: Timestamp,
        host: &Host,
    ) -> Option<&'static str> {
        let dependency = failure.dependency()?;
        let mut breakers = self.lock();
        let breaker = breakers.entry(dependency).or_default();
        breaker.failures += 1;
        let is_open = breaker.open_until.is_some_and(|until| until > now);
        let was_probe = breaker.open_until.is_some();
        if is_open || (breaker.failures < THRESHOLD && !was_probe) {
            return None;
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << breaker.opened.min(16)).min(LONGEST_PAUSE);
        // Between half of it and all of it, so that execution environments do not probe in step.
        let pause = pause.mul_f64(host.random(|random| 0.5 + random.f64() / 2.0));
        breaker.open_until = now.checked_add(pause).ok();
        breaker.opened += 1;
        Some(dependency)
    }

    /// Takes note that a dependency works. That says nothing about the others; but a breaker that has waited for a probe
    /// for as long as its longest pause closes too: nobody seems to need what it stands for, and while it is open
    /// messages are tried one by one.
    pub(crate) fn works(&self, dependency: &str, now: Timestamp) {
        let needed = |breaker: &Breaker| {
            breaker.open_until.is_none_or(|until| between(until, now) <= LONGEST_PAUSE)
        };
        self.lock().retain(|name, breaker| *name != dependency && needed(breaker));
    }

    /// Takes note that every dependency works.
    pub(crate) fn all_work(&self) {
        self.lock().clear();
    }

    /// How many breakers are open.
    pub(crate) fn open(&self) -> usize {
        self.lock().values().filter(|breaker| breaker.open_until.is_some()).count()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Breaker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;

    struct Scene {
        breakers: CircuitBreakers,
        host: Host,
        now: Timestamp,
    }

    impl Scene {
        fn new() -> Self {
            let host = Host::simulated(SystemClock, 1);
            Self { breakers: CircuitBreakers::default(), host, now: Timestamp::UNIX_EPOCH }
        }

        fn fail(&self, times: u32) {
            for _ in 0..times {
                self.breakers.failed(&Failure::unavailable("ses", "down"), self.now, &self.host);
            }
        }

        /// Waits until a probe is due, and gives how long that took.
        fn wait_for_probe(&mut self) -> Duration {
            let Admission::Nothing(pause) = self.breakers.admission(self.now) else {
                panic!("not open")
            };
            self.now += pause;
            pause
        }
    }

    #[test]
    fn failures_in_a_row_open_it_and_others_do_not() {
        let scene = Scene::new();
        scene.fail(THRESHOLD - 1);
        scene.breakers.failed(&Failure::retry("not yet"), scene.now, &scene.host);
        assert_eq!(scene.breakers.admission(scene.now), Admission::All);
        scene.fail(1);
        assert!(matches!(scene.breakers.admission(scene.now), Admission::Nothing(_)));
    }

    #[test]
    fn a_failed_probe_doubles_the_pause_up_to_its_bound() {
        let mut scene = Scene::new();
        scene.fail(THRESHOLD);
        let mut ceiling = FIRST_PAUSE;
        for _ in 0..10 {
            let pause = scene.wait_for_probe();
            assert!(pause <= ceiling && pause >= ceiling / 2, "{pause:?} of {ceiling:?}");
            assert!(matches!(scene.breakers.admission(scene.now), Admission::Probe(_)));
            scene.fail(1);
            ceiling = (ceiling * 2).min(LONGEST_PAUSE);
        }
    }

    #[test]
    fn what_works_beside_it_closes_it_only_when_nobody_needs_it() {
        let mut scene = Scene::new();
        scene.fail(THRESHOLD);
        scene.wait_for_probe();
        scene.breakers.works("dynamodb", scene.now);
        assert!(matches!(scene.breakers.admission(scene.now), Admission::Probe(_)));
        scene.now += LONGEST_PAUSE + Duration::from_secs(1);
        scene.breakers.works("dynamodb", scene.now);
        assert_eq!(scene.breakers.admission(scene.now), Admission::All);
    }

    #[test]
    fn a_probe_that_succeeds_closes_it() {
        let mut scene = Scene::new();
        scene.fail(THRESHOLD);
        scene.wait_for_probe();
        scene.breakers.works("ses", scene.now);
        assert_eq!(scene.breakers.admission(scene.now), Admission::All);
        assert_eq!(scene.breakers.open(), 0);
    }
}
