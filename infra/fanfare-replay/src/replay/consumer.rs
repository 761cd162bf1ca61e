//! A consumer's queue, and what it subscribes to.

use crate::error::{ReplayError, aws};
use fanfare_event_store::Filter;
use fanfare_operate::{Connection, FilterPolicy};

/// A consumer as SNS knows it.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) consumer: String,
    pub(super) queue_url: String,
    pub(super) policy: FilterPolicy,
}

impl Listener {
    /// Finds a consumer's queue by its name, and its subscription by the queue.
    ///
    /// # Errors
    /// [`ReplayError::Stack`]; `NoSubscription`; `Aws`.
    pub(super) async fn find(stack: &Connection, consumer: &str) -> Result<Self, ReplayError> {
        let queue = stack.queue_of(consumer).await?;
        let subscription = subscription(stack, &queue.arn).await?;
        let subscription = subscription.ok_or_else(|| ReplayError::NoSubscription {
            consumer: consumer.to_owned(),
            queue: queue.name.clone(),
        })?;
        let policy = stack.filter_policy(&subscription).await?;
        Ok(Self { consumer: consumer.to_owned(), queue_url: queue.url, policy })
    }

    /// The filter with the types that the consumer hears of, if its subscription is a list of types: the event store
    /// gives these alone then.
    ///
    /// # Errors
    /// [`ReplayError::Asked`] when a type is asked for that it does not hear of.
    pub(super) fn heard(&self, filter: &Filter) -> Result<Filter, ReplayError> {
        let Some(heard) = self.policy.types() else { return Ok(filter.clone()) };
        let asked = filter.types.iter().flatten();
        if let Some(unheard) = asked.clone().find(|asked| !heard.contains(asked)) {
            return Err(ReplayError::Asked(format!(
                "{} does not subscribe to {unheard}; it does to {}",
                self.consumer,
                heard.join(", ")
            )));
        }
        let types = filter.types.clone().unwrap_or(heard);
        Ok(Filter { types: Some(types), ..filter.clone() })
    }
}

/// The subscription that fills a queue.
async fn subscription(stack: &Connection, queue_arn: &str) -> Result<Option<String>, ReplayError> {
    let mut all = stack.sns().list_subscriptions().into_paginator().items().send();
    while let Some(subscription) = all.next().await {
        let subscription = subscription.map_err(aws("listing the subscriptions"))?;
        if subscription.endpoint() == Some(queue_arn) {
            return Ok(subscription.subscription_arn);
        }
    }
    Ok(None)
}
