//! Which sagas have waited for too long.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::types::AttributeValue;
use event_schema::OrderId;
use fanfare_event::{InvalidId, Timestamp};
use futures_util::stream::{self, Stream};
use read_models::sagas::{BY_AGE, Lane, OPEN, OPEN_SINCE, ORDER_ID};
use std::collections::HashMap;

/// Sagas that are read by one request.
const PAGE: i32 = 100;

/// A saga that has waited for too long.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    pub(crate) order_id: OrderId,
    pub(crate) lane: Lane,
    /// Since when it has waited, in milliseconds since 1970.
    pub(crate) since: String,
}

/// Why a saga, or those behind it, could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    /// The rest of a partition.
    #[error("partition {0} of the sagas that wait could not be read")]
    Lane(String, #[source] BoxError),
    /// One saga: its key is no order's id. Nothing but the checkout writes sagas, so look who did.
    #[error("a saga in partition {0} has a malformed orderId")]
    Malformed(String, #[source] InvalidId),
}

/// The order in which a partition is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    Oldest,
    Newest,
}

/// The sagas of a partition that have waited since before then, page by page as they are asked for.
pub(crate) fn due(
    client: &Client,
    table: &str,
    lane: Lane,
    before: Timestamp,
    first: First,
) -> impl Stream<Item = Result<Due, Unread>> + use<> {
    let before = before.as_millisecond().to_string();
    let query = client
        .query()
        .table_name(table)
        .index_name(BY_AGE)
        .scan_index_forward(first == First::Oldest)
        .key_condition_expression("#open = :lane AND #since < :before")
        .expression_attribute_names("#open", OPEN)
        .expression_attribute_names("#since", OPEN_SINCE)
        .expression_attribute_values(":lane", AttributeValue::S(lane.to_string()))
        .expression_attribute_values(":before", AttributeValue::N(before));
    let items = query.into_paginator().page_size(PAGE).items().send();
    stream::unfold(items, move |mut items| async move {
        let item = items.next().await?;
        let item = item.map_err(|error| Unread::Lane(lane.to_string(), error.into()));
        Some((item.and_then(|item| read(&item, lane)), items))
    })
}

fn read(item: &HashMap<String, AttributeValue>, lane: Lane) -> Result<Due, Unread> {
    let id = item.get(ORDER_ID).and_then(|id| id.as_s().ok()).cloned().unwrap_or_default();
    let since = item.get(OPEN_SINCE).and_then(|since| since.as_n().ok()).cloned();
    let order_id = OrderId::new(id).map_err(|error| Unread::Malformed(lane.to_string(), error))?;
    Ok(Due { order_id, lane, since: since.unwrap_or_default() })
}
