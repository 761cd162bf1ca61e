//! Who is at work: an execution environment, and the invocation that it is in.

use crate::time::EnvironmentClock;
use fanfare::Timestamp;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// One invocation of a function.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// Such as `email.0.3/7`: the function, its slot, the environment in it, the invocation in that.
    pub(crate) name: String,
    /// When its time is over, by its own clock.
    pub(crate) deadline: Timestamp,
    /// Whether it is let run on after that.
    pub(crate) overruns: bool,
    /// How many of its messages are on their last receive.
    pub(crate) last_receives: usize,
    /// Whether its clock was wrong at its start.
    pub(crate) skewed: bool,
    troubled: AtomicBool,
}

impl Invocation {
    /// A fault struck it: it may not have finished what it began.
    pub(crate) fn trouble(&self) {
        self.troubled.store(true, Ordering::Relaxed);
    }

    /// Whether a fault struck it.
    pub(crate) fn is_troubled(&self) -> bool {
        self.troubled.load(Ordering::Relaxed)
    }
}

/// Who sends requests: an execution environment, or the simulation itself.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) name: String,
    pub(crate) clock: EnvironmentClock,
    /// Whether faults strike its requests.
    pub(crate) faulty: bool,
    invocations: Mutex<(u64, Option<Arc<Invocation>>)>,
}

impl Caller {
    pub(crate) fn new(name: String, clock: EnvironmentClock, faulty: bool) -> Arc<Self> {
        Arc::new(Self { name, clock, faulty, invocations: Mutex::default() })
    }

    /// Begins an invocation.
    pub(crate) fn begin(
        &self,
        deadline: Timestamp,
        overruns: bool,
        last_receives: usize,
    ) -> Arc<Invocation> {
        let mut invocations = self.invocations.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, current) = &mut *invocations;
        *count += 1;
        let skewed = self.clock.is_skewed();
        let invocation = Arc::new(Invocation {
            name: format!("{}/{count}", self.name),
            deadline,
            overruns,
            last_receives,
            skewed,
            troubled: AtomicBool::new(overruns || skewed),
        });
        *current = Some(Arc::clone(&invocation));
        invocation
    }

    /// The invocation under way, or the last one.
    pub(crate) fn invocation(&self) -> Option<Arc<Invocation>> {
        self.invocations.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }
}
