//! The way of an order through the consumers, straight from the tables.

use crate::api_client::reason;
use crate::error::aws;
use crate::names::{consumer_of_queue, last_part, logical_id};
use crate::{Api, ApiError, Connection, OperateError};
use event_schema::OrderId;
use order_trace::{ReadError, Subscriptions, Trace, expected, order_events, trace};
use serde_json::Value;
use std::collections::BTreeSet;

impl Connection {
    /// The trace of an order, as the API's `GET /orders/{orderId}/trace` gives it; `None` when there is no such
    /// order. Who hears which event is read from the topic's subscriptions.
    ///
    /// # Errors
    /// [`OperateError`].
    pub async fn trace(&self, order: &OrderId) -> Result<Option<Trace>, OperateError> {
        let tables = self.tables().await?;
        let events = order_events(&tables.events()?, order).await.map_err(ReadError::Events)?;
        if events.is_empty() {
            return Ok(None);
        }
        let types = events.iter().map(|event| event.event_type.clone()).collect();
        let subscriptions = self.subscriptions(&types).await?;
        let records = match tables.ledger() {
            Some(ledger) => {
                ledger.read(expected(&events, &subscriptions)).await.map_err(ReadError::Ledger)?
            }
            None => Default::default(),
        };
        Ok(Some(trace(order.clone(), &events, &subscriptions, &records)))
    }

    /// Which consumers hear which of these types.
    async fn subscriptions(&self, types: &BTreeSet<String>) -> Result<Subscriptions, OperateError> {
        let mut consumers = Vec::new();
        // By the queue, since LocalStack gives topics names without the stack's.
        let mut all = self.sns.list_subscriptions().into_paginator().items().send();
        while let Some(subscription) = all.next().await {
            let subscription = subscription.map_err(aws("listing the subscriptions"))?;
            let queue = subscription.endpoint().unwrap_or_default();
            let Some(id) = logical_id(last_part(queue), &self.stack) else { continue };
            let hears = self.heard(subscription.subscription_arn(), types).await?;
            consumers.push((consumer_of_queue(id), hears));
        }
        consumers.sort();
        Ok(consumers.into_iter().collect())
    }

    /// Those of these types that a subscription lets through.
    async fn heard(
        &self,
        subscription: Option<&str>,
        types: &BTreeSet<String>,
    ) -> Result<Vec<String>, OperateError> {
        let ask = self
            .sns
            .get_subscription_attributes()
            .set_subscription_arn(subscription.map(str::to_owned));
        let answer = ask.send().await.map_err(aws("asking for a subscription's filter policy"))?;
        let attributes = answer.attributes.unwrap_or_default();
        let policy = attributes.get("FilterPolicy");
        let policy = policy.and_then(|policy| serde_json::from_str::<Value>(policy).ok());
        let accepted = policy.as_ref().and_then(|policy| policy.get("eventType"));
        Ok(types.iter().filter(|event_type| passes(accepted, event_type)).cloned().collect())
    }
}

impl Api {
    /// The trace of an order, as the API tells it; `None` when it knows no such order.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn trace(&self, order: &OrderId) -> Result<Option<Trace>, ApiError> {
        let answer = self.call("GET", &format!("/orders/{order}/trace"), &[], "").await?;
        match answer.status {
            200 => serde_json::from_value(answer.body).map(Some).map_err(ApiError::Malformed),
            404 => Ok(None),
            status => Err(ApiError::Refused { status, reason: reason(&answer.body) }),
        }
    }
}

/// Whether an event type passes what a filter policy asks of it. Of the policy's operators, `prefix` is
/// understood (<https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>).
fn passes(accepted: Option<&Value>, event_type: &str) -> bool {
    let Some(accepted) = accepted.and_then(Value::as_array) else { return true };
    accepted.iter().any(|one| match one {
        Value::String(text) => text == event_type,
        other => other["prefix"].as_str().is_some_and(|prefix| event_type.starts_with(prefix)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_filter_policy_says_which_events_are_heard() {
        let policy = json!(["OrderPlaced", {"prefix": "Customer"}, {"exists": true}]);
        assert!(passes(Some(&policy), "OrderPlaced"));
        assert!(passes(Some(&policy), "CustomerUpdated"));
        assert!(!passes(Some(&policy), "ShipmentPrepared"));
        assert!(passes(None, "ShipmentPrepared"), "no policy lets everything through");
    }
}
