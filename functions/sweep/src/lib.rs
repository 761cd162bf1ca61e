//! The sweep: announces which orders nothing has settled for too long.
//!
//! It decides nothing: the checkout hears `OrderTimedOut` like any other event, and knows whether the order is
//! still open by then.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::types::AttributeValue;
use event_schema::{OrderId, OrderTimedOut};
use fanfare_bootstrap::{Environment, SettingError};
use fanfare_event::{Envelope, EventId, EventType, InvalidId, Timestamp};
use fanfare_event_store::{EventStore, StoreError};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use read_models::sagas::{BY_AGE, OPEN, OPEN_SINCE, ORDER_ID, PARTITIONS};
use std::time::Duration;
use uuid::Uuid;

/// Events that are appended at once.
const CONCURRENCY: usize = 8;

/// How long an order may be open when `SAGA_TIMEOUT_SECONDS` does not say: 15 minutes.
const DEFAULT_PATIENCE_SECONDS: u64 = 900;

/// Why a sweep was not made to its end.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The open sagas could not be read.
    #[error("the open sagas could not be read")]
    Unavailable(#[source] BoxError),
    /// A saga's key is no order's id.
    #[error("a saga has a malformed orderId")]
    Malformed(#[from] InvalidId),
    /// An event has no JSON form.
    #[error("OrderTimedOut has no JSON form")]
    Unwritable(#[from] serde_json::Error),
    /// An event could not be appended.
    #[error("OrderTimedOut was not appended")]
    NotAppended(#[from] StoreError),
}

/// Looks for orders that are open for too long.
#[derive(Debug)]
pub struct Sweep {
    client: Client,
    table: String,
    events: EventStore,
    patience: Duration,
}

impl Sweep {
    /// A sweep of `SAGAS_TABLE` that appends to `EVENTS_TABLE` what is older than `SAGA_TIMEOUT_SECONDS`.
    ///
    /// # Errors
    /// When one of the tables is not named, or the number is none.
    pub async fn new(environment: &Environment) -> Result<Self, SettingError> {
        let client = Client::new(&fanfare_bootstrap::aws_config(environment).await?);
        Self::on(client, environment)
    }

    /// The same on a client of one's own: how a simulation runs it.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn on(client: Client, environment: &Environment) -> Result<Self, SettingError> {
        let events = EventStore::new(client.clone(), environment.required("EVENTS_TABLE")?);
        let patience = environment.parsed("SAGA_TIMEOUT_SECONDS", DEFAULT_PATIENCE_SECONDS)?;
        let table = environment.required("SAGAS_TABLE")?.to_owned();
        let patience = Duration::from_secs(patience);
        Ok(Self { client, table, events, patience })
    }

    /// Announces every order that is open for too long; one that was announced before is left as it is. Gives
    /// how many were announced.
    ///
    /// # Errors
    /// [`SweepError`]; what was announced until then stays so.
    pub async fn run(&self, now: Timestamp) -> Result<usize, SweepError> {
        let before = now.checked_sub(self.patience).unwrap_or(Timestamp::MIN);
        let mut announced = 0;
        for partition in 0..PARTITIONS {
            let orders = self.open_since(partition, before).await?;
            let results = stream::iter(orders)
                .map(|order| self.announce(order, now))
                .buffer_unordered(CONCURRENCY);
            let new: Vec<bool> = results.try_collect().await?;
            announced += new.into_iter().filter(|new| *new).count();
        }
        tracing::info!(announced, "swept");
        Ok(announced)
    }

    async fn open_since(
        &self,
        partition: u32,
        before: Timestamp,
    ) -> Result<Vec<OrderId>, SweepError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(BY_AGE)
            .key_condition_expression("#open = :partition AND #since < :before")
            .expression_attribute_names("#open", OPEN)
            .expression_attribute_names("#since", OPEN_SINCE)
            .expression_attribute_values(":partition", AttributeValue::S(partition.to_string()))
            .expression_attribute_values(
                ":before",
                AttributeValue::N(before.as_millisecond().to_string()),
            );
        let mut items = query.into_paginator().items().send();
        let mut orders = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| SweepError::Unavailable(error.into()))?;
            let id = item.get(ORDER_ID).and_then(|id| id.as_s().ok()).cloned();
            orders.push(OrderId::new(id.unwrap_or_default())?);
        }
        Ok(orders)
    }

    /// Appends the event, once for each order; `false` when it is there already.
    async fn announce(&self, order_id: OrderId, now: Timestamp) -> Result<bool, SweepError> {
        let event = OrderTimedOut { order_id };
        let stream = event.stream();
        let id = EventId::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, stream.as_bytes()));
        let envelope =
            Envelope { source: Some("sweep".to_owned()), ..Envelope::wrap(&event, id, now)? };
        match self.events.append(&stream, 0, [envelope]).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            // Another sweep is appending it; whether it does, the next one sees.
            Err(StoreError::Busy { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
