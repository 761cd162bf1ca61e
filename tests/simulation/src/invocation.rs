//! Who is at work: an execution environment, and the invocation that it is in.

use crate::time::EnvironmentClock;
use fanfare::Timestamp;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// One invocation of a function.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// Such as `email.0.3/7`: the function, its slot, the environment in it, the invocation in that.
    pub(crate) name: String,
    /// When its time is over, by its own clock.
    pub(crate) deadline: Timestamp,
    /// Whether it is let run on after that.
    pub(crate) overruns: bool,
    /// Whether its clock was wrong at its start.
    pub(crate) skewed: bool,
    troubled: AtomicBool,
    requests: AtomicU64,
}

impl Invocation {
    /// A fault struck it: it may not have finished what it began.
    pub(crate) fn trouble(&self) {
        self.troubled.store(true, Ordering::Relaxed);
    }

    /// It makes a request, each of which is paid for.
    pub(crate) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// How many requests it made.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
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
    /// Its process is being killed by what it does.
    dies: Notify,
}

impl Caller {
    pub(crate) fn new(name: String, clock: EnvironmentClock, faulty: bool) -> Arc<Self> {
        let (invocations, dies) = (Mutex::default(), Notify::new());
        Arc::new(Self { name, clock, faulty, invocations, dies })
    }

    /// Kills the process, as running out of memory does.
    pub(crate) fn die(&self) {
        self.dies.notify_one();
    }

    /// Waits until it kills itself.
    pub(crate) async fn death(&self) {
        self.dies.notified().await;
    }

    /// Begins an invocation.
    pub(crate) fn begin(&self, deadline: Timestamp, overruns: bool) -> Arc<Invocation> {
        let mut invocations = self.invocations.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, current) = &mut *invocations;
        *count += 1;
        let skewed = self.clock.is_skewed();
        let invocation = Arc::new(Invocation {
            name: format!("{}/{count}", self.name),
            deadline,
            overruns,
            skewed,
            troubled: AtomicBool::new(overruns || skewed),
            requests: AtomicU64::new(0),
        });
        *current = Some(Arc::clone(&invocation));
        invocation
    }

    /// The invocation under way, or the last one.
    pub(crate) fn invocation(&self) -> Option<Arc<Invocation>> {
        self.invocations.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }
}
