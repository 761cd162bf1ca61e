//! Reads what a trace is put together from.

use crate::{Subscriptions, Trace, expected, trace};
use event_schema::OrderId;
use fanfare::Envelope;
use fanfare::ledger::{Ledger, LedgerError};
use fanfare_event_store::{EventStore, StoreError};
use futures_util::future::try_join;

/// Why an order's trace could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The event store did not answer, or holds something else than events.
    #[error("the order's events can't be read")]
    Events(#[source] StoreError),
    /// The ledger did not answer, or holds something else than records.
    #[error("the ledger's records can't be read")]
    Ledger(#[source] LedgerError),
}

/// Every event of an order, oldest first; none when there is no such order.
///
/// # Errors
/// [`StoreError::Unavailable`]; `Malformed` when the table holds something else.
pub async fn order_events(events: &EventStore, id: &OrderId) -> Result<Vec<Envelope>, StoreError> {
    let stream = format!("order-{id}");
    // The order's own stream is read consistently, so that an order is found as soon as it is placed;
    // the index, which has the other services' events too, lags a little on AWS.
    let (own, mut all) = try_join(events.read(&stream), events.about(id.as_str())).await?;
    if own.is_empty() {
        return Ok(Vec::new());
    }
    all.retain(|event| event.stream.as_deref() != Some(&stream));
    all.extend(own);
    all.sort_by_key(|event| event.timestamp);
    Ok(all)
}

/// The trace of an order; `None` when there is no such order.
///
/// # Errors
/// [`ReadError`].
pub async fn order_trace(
    events: &EventStore,
    ledger: &Ledger,
    subscriptions: &Subscriptions,
    id: &OrderId,
) -> Result<Option<Trace>, ReadError> {
    let events = order_events(events, id).await.map_err(ReadError::Events)?;
    if events.is_empty() {
        return Ok(None);
    }
    let records = ledger.read(expected(&events, subscriptions)).await.map_err(ReadError::Ledger)?;
    Ok(Some(trace(id.clone(), &events, subscriptions, &records)))
}
