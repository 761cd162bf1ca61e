//! What this execution environment has applied of late.
//!
//! SQS and SNS repeat a message within seconds as a rule. Found in the transaction of its batch, a repeat makes
//! the whole of that fail: DynamoDB bills it, and the others go through a second one. So an environment keeps in mind
//! what it knows to be applied, and a repeat that it recognises costs nothing. That is knowledge, not the guard: what
//! it does not recognise, the ledger does.

use crate::attempt::Attempt;
use fanfare_event::EventId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Events of one half. Both together take about half a MiB.
const HALF: usize = 2_048;

/// The digests of events that are applied, by their ids: the last [`HALF`] at least.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<Halves>);

#[derive(Debug, Default)]
struct Halves {
    newer: HashMap<EventId, String>,
    older: HashMap<EventId, String>,
}

impl Recent {
    /// Takes note of an event that the ledger says is applied.
    pub(crate) fn applied(&self, attempt: &Attempt) {
        let mut halves = self.lock();
        if halves.newer.len() >= HALF {
            let Halves { newer, older } = &mut *halves;
            std::mem::swap(newer, older);
            newer.clear();
        }
        halves.newer.insert(attempt.envelope.event_id.clone(), attempt.digest.clone());
    }

    /// Whether an event is known to be applied, with this very content. Under another content it is not: what is to
    /// be said of that, the ledger says.
    pub(crate) fn knows(&self, attempt: &Attempt) -> bool {
        let id = &attempt.envelope.event_id;
        let halves = self.lock();
        let digest = halves.newer.get(id).or_else(|| halves.older.get(id));
        digest == Some(&attempt.digest)
    }

    fn lock(&self) -> MutexGuard<'_, Halves> {
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
        let recent = Recent::default();
        recent.applied(&attempt("evt_1"));
        assert!(recent.knows(&attempt("evt_1")));
        assert!(!recent.knows(&attempt("evt_2")));
        let mut other = attempt("evt_1");
        other.digest = "other".to_owned();
        assert!(!recent.knows(&other));
    }

    #[test]
    fn the_latest_are_known_and_the_oldest_forgotten() {
        let recent = Recent::default();
        let events: Vec<_> = (0..3 * HALF).map(|n| attempt(&format!("evt_{n}"))).collect();
        events.iter().for_each(|event| recent.applied(event));
        let known = events.iter().map(|event| recent.knows(event));
        assert_eq!(known.clone().filter(|known| *known).count(), 2 * HALF);
        assert!(known.rev().take(HALF).all(|known| known));
    }
}
