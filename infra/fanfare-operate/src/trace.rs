//! The way of the events about one thing through the consumers, straight from the tables.

use crate::error::aws;
use crate::names::{Names, last_part};
use crate::subscription::FilterPolicy;
use crate::{Connection, OperateError};
use fanfare_event::Envelope;
use fanfare_trace::{Subscribers, Trace, events_about, trace};

/// Consumers, and what each hears.
struct Audience(Vec<(String, FilterPolicy)>);

impl Subscribers for Audience {
    fn of<'a>(&'a self, event: &Envelope) -> Vec<&'a str> {
        let hears = self.0.iter().filter(|(_, policy)| policy.takes(event));
        hears.map(|(consumer, _)| consumer.as_str()).collect()
    }
}

impl Connection {
    /// The trace of all events with a correlation id; `None` when there is none. Who hears which event is read from the
    /// topic's subscriptions, what became of it from the ledger.
    ///
    /// # Errors
    /// [`OperateError`].
    pub async fn trace(&self, correlation_id: &str) -> Result<Option<Trace>, OperateError> {
        let events = events_about(&self.event_store().await?, correlation_id, None).await?;
        if events.is_empty() {
            return Ok(None);
        }
        let audience = self.audience().await?;
        let ledger = self.ledger_if_any().await?;
        Ok(Some(trace(correlation_id, &events, ledger.as_ref(), &audience).await?))
    }

    /// Every consumer that subscribes to anything, by name.
    async fn audience(&self) -> Result<Audience, OperateError> {
        let description = self.description().await?;
        let names = Names::of(description);
        let mut consumers = Vec::new();
        // By the queue, since LocalStack gives topics names without the stack's.
        let mut all = self.sns.list_subscriptions().into_paginator().items().send();
        while let Some(subscription) = all.next().await {
            let subscription = subscription.map_err(aws("listing the subscriptions"))?;
            let queue = names.logical_id(last_part(subscription.endpoint().unwrap_or_default()));
            let consumer = queue.and_then(|queue| description.roles.consumer_of(queue));
            let Some(consumer) = consumer else { continue };
            let arn = subscription.subscription_arn().unwrap_or_default();
            consumers.push((consumer.name.clone(), self.filter_policy(arn).await?));
        }
        consumers.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Audience(consumers))
    }
}
