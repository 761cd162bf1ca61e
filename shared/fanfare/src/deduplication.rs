//! What this execution environment has applied of late.
//!
//! SQS and SNS repeat a message within seconds as a rule. Found in the transaction of its batch, a repeat makes
//! the whole of that fail: DynamoDB bills it, and the others go through a second one. So an environment keeps in mind
//! what it knows to be applied, and a repeat that it recognises costs nothing. That is knowledge, not the guard: what
//! it does not recognise, the ledger does.

use crate::attempt::Attempt;
use crate::generations::Generations;
use fanfare_event::EventId;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Events that are known at least. Twice as many take about half a MiB.
const EVENTS: usize = 2_048;

/// The digests of events that are applied, by their ids.
#[derive(Debug)]
pub(crate) struct Applied(Mutex<Generations<EventId, String>>);

impl Default for Applied {
    fn default() -> Self {
        Self(Mutex::new(Generations::of(EVENTS)))
    }
}

impl Applied {
    /// Takes note of an event that the ledger says is applied.
    pub(crate) fn insert(&self, attempt: &Attempt) {
        self.lock().insert(attempt.envelope.event_id.clone(), attempt.digest.clone());
    }

    /// Whether an event is known to be applied, with this very content. Under another content it is not: what is to
    /// be said of that, the ledger says.
    pub(crate) fn knows(&self, attempt: &Attempt) -> bool {
        self.lock().get(&attempt.envelope.event_id) == Some(&attempt.digest)
    }

    fn lock(&self) -> MutexGuard<'_, Generations<EventId, String>> {
        // Whoever panicked left a note missing, never a wrong one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::attempt;

    #[test]
    fn an_event_is_known_by_its_content_too() {
        let applied = Applied::default();
        applied.insert(&attempt("evt_1"));
        assert!(applied.knows(&attempt("evt_1")));
        assert!(!applied.knows(&attempt("evt_2")));
        let mut other = attempt("evt_1");
        other.digest = "other".to_owned();
        assert!(!applied.knows(&other));
    }
}
