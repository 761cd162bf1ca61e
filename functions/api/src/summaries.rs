//! `GET /orders/{orderId}/summary` and `GET /analytics/statuses`: what `views` keeps.

use crate::Api;
use crate::orders::unknown;
use aws_sdk_dynamodb::types::AttributeValue;
use event_schema::{CancellationReason, CustomerId, OrderId};
use fanfare::Key;
use fanfare::Timestamp;
use fanfare_http::{Problem, Response, unavailable};
use read_models::order_facts::{Milestone, Status};
use read_models::views::{
    Control, CustomerName, GENERATION, Generation, OrderSummary, PK, SK, Thing, control_key,
    counts_key,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};

type Item = HashMap<String, AttributeValue>;

/// An order in a few words.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    order_id: String,
    customer_id: CustomerId,
    /// What the customer is called now; absent while they are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_name: Option<String>,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_reason: Option<CancellationReason>,
    refunded: bool,
    total_amount: u64,
    currency: String,
    pieces: u64,
    placed_at: Timestamp,
    updated_at: Timestamp,
}

impl Summary {
    /// The summary of a placed order; `None` when it was not placed as far as is known.
    pub(crate) fn of(order_id: String, kept: OrderSummary, name: Option<String>) -> Option<Self> {
        let facts = kept.facts;
        let status = facts.status()?;
        let refunded = facts.has(Milestone::PaymentRefunded);
        let placement = facts.placement?;
        Some(Self {
            order_id,
            customer_id: placement.customer_id,
            customer_name: name,
            status,
            cancellation_reason: facts.cancellation,
            refunded,
            total_amount: placement.total_amount,
            currency: placement.currency,
            pieces: placement.pieces,
            placed_at: placement.at,
            updated_at: facts.updated_at.unwrap_or(placement.at),
        })
    }
}

impl Api {
    /// Shows an order in a few words, its customer's name included. It may be some moments behind.
    pub(crate) async fn get_summary(&self, id: &OrderId) -> Result<Response, Problem> {
        let (_, kept) = self
            .in_one_generation(async |generation| {
                let kept: Option<OrderSummary> = self.kept(&Thing::order(id), generation).await?;
                let placement = kept.as_ref().and_then(|kept| kept.facts.placement.as_ref());
                let name = match placement.map(|placement| &placement.customer_id) {
                    Some(customer) => self.customer_name(customer, generation).await?,
                    None => None,
                };
                Ok(kept.and_then(|kept| Summary::of(id.to_string(), kept, name)))
            })
            .await?;
        kept.map(|summary| Response::ok(&summary)).ok_or_else(|| unknown(id))
    }

    /// Shows how many orders there are of each status.
    pub(crate) async fn get_statuses(&self) -> Result<Response, Problem> {
        let (_, counts) = self
            .in_one_generation(async |generation| self.item(&counts_key(generation)).await)
            .await?;
        let count = |status: Status| {
            let value = counts.as_ref().and_then(|counts: &Item| counts.get(status.as_str()));
            value.and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or(0_i64)
        };
        let counts: BTreeMap<_, _> =
            Status::ALL.into_iter().map(|status| (status, count(status))).collect();
        Ok(Response::ok(&counts))
    }

    /// What a customer is called, as far as is known.
    pub(crate) async fn customer_name(
        &self,
        customer: &CustomerId,
        generation: Generation,
    ) -> Result<Option<String>, Problem> {
        let kept: Option<CustomerName> = self.kept(&Thing::customer(customer), generation).await?;
        Ok(kept.map(|kept| kept.name))
    }

    /// Reads all of something from one generation of the views: when another took its place meanwhile, which may
    /// have been emptied then, it is read again.
    pub(crate) async fn in_one_generation<T>(
        &self,
        read: impl AsyncFn(Generation) -> Result<T, Problem>,
    ) -> Result<(Generation, T), Problem> {
        let mut generation = self.active_generation().await?;
        loop {
            let found = read(generation).await?;
            match self.active_generation().await? {
                still if still == generation => return Ok((generation, found)),
                // Rebuilds follow one another in minutes, not in the moments that a call takes.
                next => generation = next,
            }
        }
    }

    async fn active_generation(&self) -> Result<Generation, Problem> {
        let control: Option<Control> = self.read(&control_key()).await?;
        Ok(control.unwrap_or_default().active)
    }

    /// The item of a thing in a generation.
    async fn kept<T: DeserializeOwned>(
        &self,
        thing: &Thing,
        generation: Generation,
    ) -> Result<Option<T>, Problem> {
        let item = self.item(&thing.key(generation)).await?;
        let item = item.filter(|item| is_of(item, generation));
        item.map(serde_dynamo::from_item).transpose().map_err(unavailable)
    }

    async fn read<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Problem> {
        let item = self.item(key).await?;
        item.map(serde_dynamo::from_item).transpose().map_err(unavailable)
    }

    async fn item(&self, key: &Key) -> Result<Option<Item>, Problem> {
        let part = |name| AttributeValue::S(key.get(name).unwrap_or_default().to_owned());
        let read = self.client.get_item().table_name(&self.tables.views).consistent_read(true);
        let read = read.key(PK, part(PK)).key(SK, part(SK));
        Ok(read.send().await.map_err(unavailable)?.item)
    }
}

/// Whether an item is of a generation, and not what a former one left in its place.
fn is_of(item: &Item, generation: Generation) -> bool {
    let number = item.get(GENERATION).and_then(|value| value.as_n().ok());
    number.is_some_and(|number| *number == generation.to_string())
}
