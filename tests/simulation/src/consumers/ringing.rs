//! Rings a bell for every order: an effect that must not happen twice.

use event_schema::OrderPlaced;
use fanfare::Event;
use fanfare::{Consumer, Failure, State, UnknownOutcome, Work};
use std::future::Future;
use std::time::Duration;

/// Much shorter than an invocation: several effects of one batch have theirs one after the other.
const LEASE: Duration = Duration::from_secs(4);

/// The consumer, which rings by `ring`. Its effects go by their event's id.
pub(crate) fn ringing<A, G>(ring: A) -> Consumer<OrderPlaced, String>
where
    A: Fn(String) -> G + Send + Sync + 'static,
    G: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let decide = |event: Event<OrderPlaced>, _: State| async move {
        Ok(Work::did("rang").effect(event.id.to_string()))
    };
    Consumer::with_effects("ringing", |_| Vec::new(), decide, ring)
        .lease(LEASE)
        .unknown_outcome(UnknownOutcome::Park)
}
