//! The history of a run: its digest, by which two runs are compared, and what broke an invariant.

use crate::time::VirtualTime;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What happened, in order.
#[derive(Debug)]
pub(crate) struct History {
    time: VirtualTime,
    verbose: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    digest: u64,
    violations: Vec<String>,
}

impl History {
    /// An empty history; `verbose` prints every line of it.
    pub(crate) fn new(time: VirtualTime, verbose: bool) -> Self {
        Self { time, verbose, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line.
    pub(crate) fn note(&self, line: impl AsRef<str>) {
        let millis = self.time.elapsed().as_millis();
        let line = format!("{:>6}.{:03} {}", millis / 1000, millis % 1000, line.as_ref());
        if self.verbose {
            println!("{line}");
        }
        let mut state = self.state();
        // FNV-1a: a digest that does not change with the compiler, which the standard library's may.
        state.digest = line.bytes().fold(state.digest ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    }

    /// Adds the breach of an invariant.
    pub(crate) fn violation(&self, what: impl Into<String>) {
        let what = what.into();
        self.note(format!("VIOLATION {what}"));
        self.state().violations.push(what);
    }

    /// Whether an invariant was broken.
    pub(crate) fn is_broken(&self) -> bool {
        !self.state().violations.is_empty()
    }

    /// The digest and the violations.
    pub(crate) fn end(&self) -> (u64, Vec<String>) {
        let mut state = self.state();
        (state.digest, std::mem::take(&mut state.violations))
    }
}
