//! Decisions: what the handlers need to know is read, all in one go, and each decides about its event.

use crate::batch::Runtime;
use crate::case::{Case, End};
use crate::committer::DYNAMODB;
use crate::time_left::{TimeLeft, between, within};
use crate::work::Kept;
use crate::{Failure, Key, State, Table, Work, state};
use fanfare_event::{Event, Payload, SchemaError};
use futures_util::FutureExt;
use futures_util::future::join_all;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::time::Instant;

/// Items that a handler needs to know.
type Wanted = Vec<(Table, Key)>;

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Decodes the events, reads what their handlers need, and lets the handlers decide.
    pub(crate) async fn decide(
        &self,
        cases: Vec<Case>,
        time: TimeLeft,
    ) -> Vec<(Case, Result<Work<Fx, Kept>, End>)> {
        let mut decisions = Vec::with_capacity(cases.len());
        let mut events = Vec::with_capacity(cases.len());
        for case in cases {
            match self.event(&case) {
                Ok((event, reads)) => events.push((case, event, reads)),
                Err(failure) => decisions.push((case, Err(End::failed(failure)))),
            }
        }
        let wanted = events.iter().flat_map(|(_, _, reads)| reads.iter().cloned()).collect();
        let together = match self.read(wanted, time).await {
            // One of the keys is invalid: read by itself, it fails its own event alone.
            Err(failure) if failure.is_permanent() => None,
            read => Some(read),
        };
        // A half of the time is the effects'.
        let until = Instant::now() + time.at(self.now()).unwrap_or_default() / 2;
        let decided = events.into_iter().map(|(case, event, reads)| {
            let together = match &together {
                Some(Ok(state)) => Some(Ok(state.clone())),
                Some(Err(failure)) => Some(Err(failure.again())),
                None => None,
            };
            async move {
                let state = match together {
                    Some(state) => state,
                    None => self.read(reads, time).await,
                };
                match state {
                    Ok(state) => (case, self.decide_one(event, state, until).await),
                    Err(failure) => (case, Err(End::failed(failure))),
                }
            }
        });
        decisions.extend(join_all(decided).await);
        decisions
    }

    /// Decodes an event, and asks what its handler needs to know.
    fn event(&self, case: &Case) -> Result<(Event<P>, Wanted), Failure> {
        let event = Event::<P>::from_envelope(&case.attempt.envelope)
            .map_err(|error| self.unreadable(case, error))?;
        let reads = catch_unwind(AssertUnwindSafe(|| (self.consumer.reads)(&event)));
        let reads = reads.map_err(|_| Failure::panicked())?;
        Ok((event, reads))
    }

    /// The failure of an event that can't be read. While a deployment is under way, a newer build than this may have written
    /// it, and will read it.
    fn unreadable(&self, case: &Case, error: SchemaError) -> Failure {
        let may_be_newer = match &error {
            SchemaError::NewerVersion { .. } | SchemaError::UnknownType { .. } => true,
            SchemaError::Envelope(_) | SchemaError::Payload { .. } => false,
        };
        let waited = between(case.attempt.first_seen_at(), self.now());
        let failure = match may_be_newer && waited < self.consumer.newer_events_wait {
            true => Failure::busy("a newer build than this has to read the event"),
            false => Failure::permanent("the event can't be read"),
        };
        failure.caused_by(error)
    }

    async fn read(&self, wanted: Wanted, time: TimeLeft) -> Result<State, Failure> {
        let late = || Failure::unavailable(DYNAMODB, "the consumer's state was not read in time");
        let left = time.at(self.now()).ok_or_else(late)?;
        let read = state::read(&self.committer, wanted);
        tokio::time::timeout(left, read).await.map_err(|_| late())?
    }

    /// Lets a handler decide. It awaits nothing as a rule; one that does may not hold up the others for good.
    async fn decide_one(
        &self,
        event: Event<P>,
        state: State,
        until: Instant,
    ) -> Result<Work<Fx, Kept>, End> {
        let decide = async { (self.consumer.decide)(event, state).await };
        match within(until, AssertUnwindSafe(decide).catch_unwind()).await {
            Some(Ok(Ok(work))) => Ok(work),
            Some(Ok(Err(failure))) => {
                let waits = matches!(failure, Failure::Retry { after: None, .. });
                let mut end = End::failed(failure);
                if let End::Failed { waits: its, .. } = &mut end {
                    *its = waits;
                }
                Err(end)
            }
            Some(Err(_)) => Err(End::failed(Failure::panicked())),
            None => Err(End::failed(Failure::retry("the handler did not end in time"))),
        }
    }
}
