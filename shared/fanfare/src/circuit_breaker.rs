//! Circuit breakers, one per dependency.
//!
//! With partial batch responses Lambda does not slow its polling when messages fail
//! (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>), so the function has to.
//! The state is this execution environment's own.

use crate::Host;
use crate::time_left::between;
use fanfare_event::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Failures of a dependency in a row after which it is left alone for a while.
const THRESHOLD: u32 = 5;
/// How long, the first time. Every further time doubles it. A probe that nobody heard of again is made up for after
/// this time.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// How long at the most.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What a consumer depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dependency {
    /// Every message needs it: DynamoDB, or what a handler itself calls. While it is out of order no message is looked at.
    OfAll(&'static str),
    /// Effects of this kind alone need it. Whether a message asks for one, its handler decides first.
    OfEffects(&'static str),
}

/// What may be tried now of what every message needs.
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
    /// Whether an effect is under way that is to show whether the dependency works again.
    is_probed: bool,
}

/// The breakers of every dependency that has failed and not worked since.
#[derive(Debug, Default)]
pub(crate) struct CircuitBreakers(Mutex<BTreeMap<Dependency, Breaker>>);

impl CircuitBreakers {
    /// What may be tried now, by that breaker of what every message needs which stays open longest.
    pub(crate) fn admission(&self, now: Timestamp) -> Admission {
        let breakers = self.lock();
        let of_all = breakers.iter().filter(|(name, _)| matches!(name, Dependency::OfAll(_)));
        match of_all.filter_map(|(_, breaker)| breaker.open_until).max() {
            None => Admission::All,
            Some(until) => match between(now, until) {
                Duration::ZERO => Admission::Probe(FIRST_PAUSE),
                pause => Admission::Nothing(pause),
            },
        }
    }

    /// Whether an effect may be begun that needs this: `None`, or after what time to come back. Of those that ask once
    /// the pause is over, one is the probe.
    pub(crate) fn holds_back(&self, effect: &'static str, now: Timestamp) -> Option<Duration> {
        let mut breakers = self.lock();
        let breaker = breakers.get_mut(&Dependency::OfEffects(effect))?;
        match between(now, breaker.open_until?) {
            Duration::ZERO => {
                breaker.is_probed = true;
                breaker.open_until = now.checked_add(FIRST_PAUSE).ok();
                None
            }
            pause => Some(pause),
        }
    }

    /// Takes note that an effect which was let through has shown nothing: if it was the probe, the next one is.
    pub(crate) fn unproven(&self, effect: &'static str, now: Timestamp) {
        if let Some(breaker) = self.lock().get_mut(&Dependency::OfEffects(effect))
            && std::mem::take(&mut breaker.is_probed)
        {
            breaker.open_until = Some(now);
        }
    }

    /// Takes note of a dependency's failure. Gives whether its breaker has opened because of it.
    pub(crate) fn failed(&self, dependency: Dependency, now: Timestamp, host: &Host) -> bool {
        let mut breakers = self.lock();
        let breaker = breakers.entry(dependency).or_default();
        breaker.failures += 1;
        let was_probe = match dependency {
            Dependency::OfAll(_) => breaker.open_until.is_some_and(|until| until <= now),
            Dependency::OfEffects(_) => std::mem::take(&mut breaker.is_probed),
        };
        if !was_probe && (breaker.failures < THRESHOLD || breaker.open_until.is_some()) {
            return false;
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << breaker.opened.min(16)).min(LONGEST_PAUSE);
        // Between half of it and all of it, so that execution environments do not probe in step.
        let pause = pause.mul_f64(host.random(|random| 0.5 + random.f64() / 2.0));
        breaker.open_until = now.checked_add(pause).ok();
        breaker.opened += 1;
        true
    }

    /// Takes note that a dependency works. That says nothing about the others; but a breaker of what every message needs
    /// that has waited for a probe for as long as its longest pause closes too: nobody seems to need what it stands for,
    /// and while it is open messages are tried one by one.
    pub(crate) fn works(&self, dependency: Dependency, now: Timestamp) {
        let is_needed = |breaker: &Breaker| {
            breaker.open_until.is_none_or(|until| between(until, now) <= LONGEST_PAUSE)
        };
        self.lock().retain(|name, breaker| {
            *name != dependency && (matches!(name, Dependency::OfEffects(_)) || is_needed(breaker))
        });
    }

    /// How many breakers are open.
    pub(crate) fn open(&self) -> usize {
        self.lock().values().filter(|breaker| breaker.open_until.is_some()).count()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Dependency, Breaker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;

    const DATABASE: Dependency = Dependency::OfAll("database");
    const MAIL: &str = "mail";

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

        fn fail(&self, dependency: Dependency, times: u32) {
            for _ in 0..times {
                self.breakers.failed(dependency, self.now, &self.host);
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

        fn holds_back(&self) -> bool {
            self.breakers.holds_back(MAIL, self.now).is_some()
        }
    }

    #[test]
    fn failures_in_a_row_open_it() {
        let scene = Scene::new();
        scene.fail(DATABASE, THRESHOLD - 1);
        assert_eq!(scene.breakers.admission(scene.now), Admission::All);
        scene.fail(DATABASE, 1);
        assert!(matches!(scene.breakers.admission(scene.now), Admission::Nothing(_)));
    }

    #[test]
    fn a_failed_probe_doubles_the_pause_up_to_its_bound() {
        let mut scene = Scene::new();
        scene.fail(DATABASE, THRESHOLD);
        let mut ceiling = FIRST_PAUSE;
        for _ in 0..10 {
            let pause = scene.wait_for_probe();
            assert!(pause <= ceiling && pause >= ceiling / 2, "{pause:?} of {ceiling:?}");
            assert!(matches!(scene.breakers.admission(scene.now), Admission::Probe(_)));
            scene.fail(DATABASE, 1);
            ceiling = (ceiling * 2).min(LONGEST_PAUSE);
        }
    }

    #[test]
    fn what_works_beside_it_closes_it_only_when_nobody_needs_it() {
        let mut scene = Scene::new();
        scene.fail(Dependency::OfAll("queue"), THRESHOLD);
        scene.wait_for_probe();
        scene.breakers.works(DATABASE, scene.now);
        assert!(matches!(scene.breakers.admission(scene.now), Admission::Probe(_)));
        scene.now += LONGEST_PAUSE + Duration::from_secs(1);
        scene.breakers.works(DATABASE, scene.now);
        assert_eq!(scene.breakers.admission(scene.now), Admission::All);
    }

    #[test]
    fn a_probe_that_succeeds_closes_it() {
        let mut scene = Scene::new();
        scene.fail(DATABASE, THRESHOLD);
        scene.wait_for_probe();
        scene.breakers.works(DATABASE, scene.now);
        assert_eq!(scene.breakers.admission(scene.now), Admission::All);
        assert_eq!(scene.breakers.open(), 0);
    }

    #[test]
    fn what_effects_need_holds_back_those_effects_and_nothing_else() {
        let scene = Scene::new();
        scene.fail(Dependency::OfEffects(MAIL), THRESHOLD);
        assert!(scene.holds_back());
        assert_eq!(scene.breakers.holds_back("gateway", scene.now), None);
        assert_eq!(scene.breakers.admission(scene.now), Admission::All);
    }

    #[test]
    fn of_the_effects_after_the_pause_one_is_the_probe_and_the_next_one_if_that_shows_nothing() {
        let mut scene = Scene::new();
        scene.fail(Dependency::OfEffects(MAIL), THRESHOLD);
        scene.now += FIRST_PAUSE;
        assert!(!scene.holds_back(), "the probe");
        assert!(scene.holds_back(), "while it is under way");
        scene.breakers.unproven(MAIL, scene.now);
        assert!(!scene.holds_back(), "the next probe");
        scene.fail(Dependency::OfEffects(MAIL), 1);
        scene.now += FIRST_PAUSE - Duration::from_millis(1);
        assert!(scene.holds_back(), "the pause is longer now");
        scene.now += FIRST_PAUSE;
        assert!(!scene.holds_back());
        scene.breakers.works(Dependency::OfEffects(MAIL), scene.now);
        assert!(!scene.holds_back() && scene.breakers.open() == 0);
    }
}
