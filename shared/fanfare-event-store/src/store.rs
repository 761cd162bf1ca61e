//! Append and read.

use crate::item::{CORRELATION_ID, STREAM, VERSION, envelope, to_item};
use crate::{StoreError, TransactionError};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use fanfare_event::Envelope;

/// The index that finds events by what they are about.
pub(crate) const BY_CORRELATION: &str = "byCorrelation";

/// The event store in one DynamoDB table. Cheap to clone.
///
/// ```no_run
/// use fanfare_event_store::{EventStore, StoreError};
///
/// # async fn show(client: aws_sdk_dynamodb::Client) -> Result<(), StoreError> {
/// let store = EventStore::new(client, "EventsTable");
/// for event in store.read("room-attic").await? {
///     println!("{} {}", event.timestamp, event.event_type);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct EventStore {
    pub(crate) client: Client,
    pub(crate) table: String,
}

impl EventStore {
    /// The store in the table of this name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The write that appends one event at its own version, refused when that version is taken: to be
    /// made part of a bigger transaction, of which it takes one item.
    ///
    /// # Errors
    /// [`StoreError::Malformed`] when the envelope names no stream or no version; `TooLarge`.
    pub fn put(&self, envelope: &Envelope) -> Result<Put, StoreError> {
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(to_item(envelope)?))
            .condition_expression("attribute_not_exists(#stream)")
            .expression_attribute_names("#stream", STREAM)
            .build()
            .map_err(|error| StoreError::Malformed {
                stream: envelope.stream.clone().unwrap_or_default(),
                what: error.to_string(),
            })
    }

    /// Appends events to a stream, all or none, in one transaction. `after` is the version that the
    /// caller saw last, 0 for a stream that does not exist yet: the first event gets the next one.
    ///
    /// The stream stays gapless as long as `after` was read from it, not made up.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the stream has grown past `after`; `Busy` when that is not known yet, since another
    /// transaction is at its end; `TooLarge`; `Unavailable`; `Malformed`.
    pub async fn append(
        &self,
        stream: &str,
        after: u64,
        events: impl IntoIterator<Item = Envelope>,
    ) -> Result<(), StoreError> {
        let puts = (after + 1..)
            .zip(events)
            .map(|(version, event)| {
                let event =
                    Envelope { stream: Some(stream.to_owned()), version: Some(version), ..event };
                Ok(TransactWriteItem::builder().put(self.put(&event)?).build())
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        let written =
            self.client.transact_write_items().set_transact_items(Some(puts)).send().await;
        let stream = || stream.to_owned();
        written.map(drop).map_err(|error| match TransactionError::of(error) {
            TransactionError::ConditionsFailed(_) => {
                StoreError::Conflict { stream: stream(), after }
            }
            TransactionError::Conflict => StoreError::Busy { stream: stream() },
            TransactionError::Invalid(what) => StoreError::Malformed { stream: stream(), what },
            error @ (TransactionError::Throttled | TransactionError::Unavailable(_)) => {
                unavailable(error)
            }
        })
    }

    /// The events of a stream in order, from the first on. Strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; `Malformed` when the table holds something else.
    pub async fn read(&self, stream: &str) -> Result<Vec<Envelope>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("#stream = :stream AND #version > :none")
            .expression_attribute_names("#stream", STREAM)
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_values(":stream", AttributeValue::S(stream.to_owned()))
            .expression_attribute_values(":none", AttributeValue::N("0".to_owned()));
        collect(query).await
    }

    /// Where a stream stands: the version of its last event, 0 when it has none. Strongly consistent. One Query of one
    /// item, however long the stream is: a read unit for every 4 KB of that event, one at least.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; `Malformed` when the table holds something else.
    pub async fn head(&self, stream: &str) -> Result<u64, StoreError> {
        let last = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(1)
            .key_condition_expression("#stream = :stream AND #version > :none")
            .projection_expression("#version")
            .expression_attribute_names("#stream", STREAM)
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_values(":stream", AttributeValue::S(stream.to_owned()))
            .expression_attribute_values(":none", AttributeValue::N("0".to_owned()))
            .send()
            .await
            .map_err(unavailable)?;
        let Some(last) = last.items().first() else { return Ok(0) };
        let version = last.get(VERSION).and_then(|version| version.as_n().ok()?.parse().ok());
        version.ok_or_else(|| StoreError::Malformed {
            stream: stream.to_owned(),
            what: "its last version is no number".to_owned(),
        })
    }

    /// The events about one thing, such as an order, from every stream, oldest first. Eventually
    /// consistent: an event of the last moments may be missing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; `Malformed` when the table holds something else.
    pub async fn about(&self, correlation_id: &str) -> Result<Vec<Envelope>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(BY_CORRELATION)
            .key_condition_expression("#id = :id")
            .expression_attribute_names("#id", CORRELATION_ID)
            .expression_attribute_values(":id", AttributeValue::S(correlation_id.to_owned()));
        collect(query).await
    }
}

async fn collect(query: QueryFluentBuilder) -> Result<Vec<Envelope>, StoreError> {
    let mut items = query.into_paginator().items().send();
    let mut events = Vec::new();
    while let Some(item) = items.next().await {
        events.push(envelope(&item.map_err(unavailable)?)?);
    }
    Ok(events)
}

pub(crate) fn unavailable(error: impl Into<BoxError>) -> StoreError {
    StoreError::Unavailable(error.into())
}
