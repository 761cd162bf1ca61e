//! Reads what a trace is put together from.

use crate::{Subscribers, Trace, expected, put_together};
use fanfare::Envelope;
use fanfare::ledger::{Ledger, LedgerError};
use fanfare_event_store::{EventStore, StoreError};
use futures_util::future::try_join;
use std::collections::HashMap;

/// Why a trace could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The event store did not answer, or holds something else than events.
    #[error("the events about {correlation_id} can't be read")]
    Events {
        /// What they are about.
        correlation_id: String,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// The ledger did not answer, or holds something else than records.
    #[error("the ledger's records can't be read")]
    Ledger(#[source] LedgerError),
}

/// Every event about one thing, from all streams, oldest first; none if nothing is known of it.
///
/// The index by correlation lags a little on AWS. Name the thing's `own_stream`, if it has one, to have that read
/// consistently as well: then a thing is found as soon as the first event of its stream is appended, and without such an
/// event nothing is given.
///
/// # Errors
/// [`ReadError::Events`].
pub async fn events_about(
    events: &EventStore,
    correlation_id: &str,
    own_stream: Option<&str>,
) -> Result<Vec<Envelope>, ReadError> {
    let unread = |source| ReadError::Events { correlation_id: correlation_id.to_owned(), source };
    let Some(stream) = own_stream else {
        let mut all = events.about(correlation_id).await.map_err(unread)?;
        all.sort_by_key(|event| event.timestamp);
        return Ok(all);
    };
    let (own, mut all) =
        try_join(events.read(stream), events.about(correlation_id)).await.map_err(unread)?;
    if own.is_empty() {
        return Ok(Vec::new());
    }
    all.retain(|event| event.stream.as_deref() != Some(stream));
    all.extend(own);
    all.sort_by_key(|event| event.timestamp);
    Ok(all)
}

/// The trace of these events. Without a ledger every consumption is pending.
///
/// # Errors
/// [`ReadError::Ledger`].
pub async fn trace(
    correlation_id: &str,
    events: &[Envelope],
    ledger: Option<&Ledger>,
    subscribers: &impl Subscribers,
) -> Result<Trace, ReadError> {
    let records = match ledger {
        Some(ledger) => {
            ledger.read(expected(events, subscribers)).await.map_err(ReadError::Ledger)?
        }
        None => HashMap::new(),
    };
    Ok(put_together(correlation_id, events, subscribers, &records))
}
