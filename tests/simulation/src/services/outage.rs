//! An outage, as the service sees it that is out: an execution environment that keeps calling has no brake.

use crate::cloud::Cloud;
use crate::invocation::{Caller, Invocation};
use crate::mutants::Mutant;
use fanfare::Failure;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Failures in a row after which an environment must leave a dependency alone, and for how long at least.
const THRESHOLD: u32 = 5;
const PAUSE: Duration = Duration::from_millis(2_300);

/// The calls of one environment, until its brake has been on once.
#[derive(Debug, Default)]
struct Calls {
    /// Invocations that met the outage.
    failed: u32,
    invocation: String,
    last: Duration,
    must_pause: bool,
    is_over: bool,
}

/// The calls of every environment, by its name.
#[derive(Debug, Default)]
pub(crate) struct Outage(Mutex<BTreeMap<String, Calls>>);

impl Outage {
    /// Takes note that a call was answered.
    pub(crate) fn answered(&self, caller: &Caller) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&caller.name);
    }

    /// Takes note that a call met the outage, and checks that it may have been made. Gives the failure that it is.
    pub(crate) fn met(
        &self,
        cloud: &Cloud,
        caller: &Caller,
        invocation: &Invocation,
        dependency: &'static str,
    ) -> Failure {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = calls.entry(caller.name.clone()).or_default();
        let now = cloud.time.elapsed();
        if calls.invocation != invocation.name {
            calls.is_over |= calls.must_pause;
            calls.must_pause = calls.failed >= THRESHOLD && now < calls.last + PAUSE;
            calls.is_over |= calls.failed >= THRESHOLD && !calls.must_pause;
            // What stalls may see its call end otherwise.
            calls.failed += u32::from(!invocation.overruns);
            calls.invocation.clone_from(&invocation.name);
        }
        calls.last = now;
        if calls.must_pause && !calls.is_over {
            cloud.history.violation(format!("{} calls on without a brake", invocation.name));
        }
        invocation.trouble();
        cloud.history.note(format!("{} finds {dependency} out of order", invocation.name));
        match cloud.mutant {
            Some(Mutant::Brake) => Failure::busy("out of order"),
            _ => Failure::unavailable(dependency, "out of order"),
        }
    }
}
