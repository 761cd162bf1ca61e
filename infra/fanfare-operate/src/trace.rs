//! The way of the events about one thing through the consumers, straight from the tables.

use crate::error::aws;
use crate::names::{Names, last_part};
use crate::subscription::FilterPolicy;
use crate::{Connection, OperateError};
use fanfare_event::Envelope;
use fanfare_event_store::Stored;
use fanfare_trace::{ReadError, Subscribers, Trace, events_about, trace};

/// Consumers, and what each hears.
#[derive(Debug, Clone, Default)]
pub struct Audience(Vec<(String, FilterPolicy)>);

impl Audience {
    /// The consumers by name, each with what it hears.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FilterPolicy)> {
        self.0.iter().map(|(consumer, policy)| (consumer.as_str(), policy))
    }
}

/// The beginning of a trace, and the events themselves.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// What became of them.
    pub trace: Trace,
    /// The events, oldest first: one for each of the trace.
    pub events: Vec<Envelope>,
    /// Whether there are more.
    pub is_cut: bool,
}

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

    /// As [`trace`](Self::trace), of the first `most` events alone, and with these.
    ///
    /// # Errors
    /// [`OperateError`].
    pub async fn beginning(
        &self,
        correlation_id: &str,
        most: u16,
    ) -> Result<Option<Beginning>, OperateError> {
        let page = self.event_store().await?.page_about(correlation_id, None, most).await;
        let unread =
            |source| ReadError::Events { correlation_id: correlation_id.to_owned(), source };
        let page = page.map_err(unread)?;
        let events = page.events.iter().map(Stored::envelope).collect::<Result<Vec<_>, _>>();
        let mut events = events.map_err(unread)?;
        if events.is_empty() {
            return Ok(None);
        }
        events.sort_by_key(|event| event.timestamp);
        let audience = self.audience().await?;
        let ledger = self.ledger_if_any().await?;
        let trace = trace(correlation_id, &events, ledger.as_ref(), &audience).await?;
        Ok(Some(Beginning { trace, events, is_cut: page.next.is_some() }))
    }

    /// Every consumer that subscribes to anything, by name, with what it hears.
    ///
    /// # Errors
    /// [`OperateError`].
    pub async fn audience(&self) -> Result<Audience, OperateError> {
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
