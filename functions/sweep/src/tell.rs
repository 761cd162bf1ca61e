//! Announcing that a saga has waited for too long: once, with its mark taken away in the same transaction.

use crate::due::Due;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BoxError, BuildError};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use event_schema::{OrderId, OrderStalled, OrderTimedOut, RefundLookDue};
use fanfare_event::{Envelope, EventId, EventType, Timestamp};
use fanfare_event_store::{EventStore, StoreError, TransactionError, Updated, update};
use read_models::sagas::{OPEN, OPEN_SINCE, ORDER_ID, Wait};
use uuid::Uuid;

/// The place of the saga's mark in the transaction.
const MARK: usize = 1;

/// Takes a saga's mark away, if it is still the one that was read.
const UNMARK: &str = "REMOVE #open, #since";
const IS_MARKED: &str = "#open = :lane AND #since = :since";

/// What came of telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// The order is announced.
    Now(Wait),
    /// It was announced before, and its mark had come back: the checkout had read the saga just before.
    Before,
    /// It no longer waits, or somebody else announced it at this moment.
    MovedOn,
}

/// Why an order was not announced; the next sweep tries again.
#[derive(Debug, thiserror::Error)]
#[error("order {order_id} waits for too long and was not announced")]
pub(crate) struct NotTold {
    order_id: OrderId,
    #[source]
    cause: BoxError,
}

/// Announces orders.
#[derive(Debug)]
pub(crate) struct Teller {
    pub(crate) client: Client,
    pub(crate) sagas: String,
    pub(crate) events: EventStore,
}

impl Teller {
    pub(crate) async fn tell(&self, due: &Due, now: Timestamp) -> Result<Told, NotTold> {
        let told = self.announce(due, now).await;
        told.map_err(|cause| NotTold { order_id: due.order_id.clone(), cause })
    }

    async fn announce(&self, due: &Due, now: Timestamp) -> Result<Told, BoxError> {
        let event = self.event(due, now).await?;
        let put = TransactWriteItem::builder().put(self.events.put(&event)?).build();
        let unmark = TransactWriteItem::builder().update(self.unmark(due)?).build();
        let write = self.client.transact_write_items().transact_items(put).transact_items(unmark);
        let Err(error) = write.send().await else { return Ok(Told::Now(due.lane.wait)) };
        match TransactionError::of(error) {
            TransactionError::ConditionsFailed(failed)
                if failed.iter().any(|condition| condition.place == MARK) =>
            {
                Ok(Told::MovedOn)
            }
            // Its stream has the event, and never a second one.
            TransactionError::ConditionsFailed(_) if is_told_once(due.lane.wait) => {
                self.forget(due).await
            }
            error => Err(error.into()),
        }
    }

    /// Takes away the mark of a saga that was told of before.
    async fn forget(&self, due: &Due) -> Result<Told, BoxError> {
        match update(&self.client, self.unmark(due)?).await? {
            Updated::Done(_) => Ok(Told::Before),
            Updated::Refused(_) => Ok(Told::MovedOn),
        }
    }

    fn unmark(&self, due: &Due) -> Result<Update, BuildError> {
        Update::builder()
            .table_name(&self.sagas)
            .key(ORDER_ID, AttributeValue::S(due.order_id.to_string()))
            .update_expression(UNMARK)
            .condition_expression(IS_MARKED)
            .expression_attribute_names("#open", OPEN)
            .expression_attribute_names("#since", OPEN_SINCE)
            .expression_attribute_values(":lane", AttributeValue::S(due.lane.to_string()))
            .expression_attribute_values(":since", AttributeValue::N(due.since.clone()))
            .build()
    }

    async fn event(&self, due: &Due, now: Timestamp) -> Result<Envelope, BoxError> {
        let order_id = due.order_id.clone();
        let event = match due.lane.wait {
            Wait::Settlement => envelope(&OrderTimedOut { order_id }, due, 0, now),
            Wait::Shipment => envelope(&OrderStalled { order_id }, due, 0, now),
            Wait::Refund => {
                let event = RefundLookDue { order_id };
                let last = self.events.head(&event.stream()).await?;
                envelope(&event, due, last, now)
            }
        };
        Ok(event?)
    }
}

/// Whether there is one event of such a wait and no more: a refund is looked at again and again.
fn is_told_once(wait: Wait) -> bool {
    match wait {
        Wait::Settlement | Wait::Shipment => true,
        Wait::Refund => false,
    }
}

/// The event, which follows on that version of its stream. Two sweeps that tell of the same wait make the same one.
fn envelope(
    event: &impl EventType,
    due: &Due,
    last: u64,
    now: Timestamp,
) -> Result<Envelope, StoreError> {
    let stream = event.stream();
    let name = match due.lane.wait {
        Wait::Settlement | Wait::Shipment => stream.clone(),
        Wait::Refund => format!("{stream}@{}", due.since),
    };
    let id = EventId::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()));
    let envelope = Envelope::wrap(event, id, now).map_err(|error| StoreError::Malformed {
        stream: stream.clone(),
        what: error.to_string(),
    })?;
    let source = Some("sweep".to_owned());
    Ok(Envelope { stream: Some(stream), version: Some(last + 1), source, ..envelope })
}
