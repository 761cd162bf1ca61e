//! The flow: from the event store over the topic to the consumers, and how each stands.

use super::consumers::{Line, lines};
use super::graph::{Ends, Graph};
use crate::error::ViewError;
use crate::handle::Asked;
use crate::text;
use crate::view::{Section, View};
use askama::Template;
use fanfare_loopback::Reply;
use fanfare_operate::QueueLine;
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Template, Serialize)]
#[template(path = "flow.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Flow {
    pub(crate) stack: String,
    /// The event store's name in the template.
    pub(crate) event_store: Option<String>,
    pub(crate) relay: Option<String>,
    pub(crate) topic: Option<String>,
    /// What the relay could not announce, and other failures that no consumer's queue is the source of.
    pub(crate) other_dead: Vec<QueueLine>,
    pub(crate) consumers: Vec<Line>,
    /// The event types that somebody subscribes to.
    pub(crate) types: Vec<String>,
    /// The event type whose way is shown.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) event_type: Option<String>,
    #[serde(skip)]
    pub(crate) graph: Graph,
}

impl View for Flow {
    const SECTION: Section = Section::Flow;

    fn title(&self) -> String {
        "Flow".to_owned()
    }

    fn is_live(&self) -> bool {
        true
    }
}

impl Flow {
    /// Consumers that have dead letters.
    pub(crate) fn failing(&self) -> u64 {
        self.consumers.iter().filter(|line| line.dead > 0).count() as u64
    }

    pub(crate) fn backlog(&self) -> u64 {
        self.consumers.iter().map(|line| line.waiting + line.in_flight + line.delayed).sum()
    }

    pub(crate) fn dead(&self) -> u64 {
        let other: u64 = self.other_dead.iter().map(|line| line.dead).sum();
        self.consumers.iter().map(|line| line.dead).sum::<u64>() + other
    }

    pub(crate) fn is_chosen(&self, event_type: &str) -> bool {
        self.event_type.as_deref() == Some(event_type)
    }
}

pub(crate) async fn page(asked: &Asked<'_>) -> Result<Reply, ViewError> {
    let description = asked.app.connection.description().await?;
    let consumers = lines(asked.app).await?;
    let roles = &description.roles;
    let is_consumer = |name: &str| consumers.iter().any(|line| line.name == name);
    let queues = asked.app.queues().await?.into_iter();
    let other_dead = queues.filter(|line| {
        line.dead_letter_queue.is_some() && (line.queue.is_none() || !is_consumer(&line.consumer))
    });
    let types: BTreeSet<String> =
        consumers.iter().filter_map(|line| line.types.clone()).flatten().collect();
    let event_type = asked.form.get("type").filter(|name| types.contains(*name)).map(str::to_owned);
    let ends = Ends {
        event_store: roles.event_store.clone(),
        relay: roles.relay.clone(),
        topic: roles.topic.clone(),
    };
    let flow = Flow {
        stack: description.stack.clone(),
        graph: Graph::of(&ends, &consumers, event_type.as_deref()),
        event_store: ends.event_store,
        relay: ends.relay,
        topic: ends.topic,
        other_dead: other_dead.collect(),
        consumers,
        types: types.into_iter().collect(),
        event_type,
    };
    asked.show(&flow).await
}
