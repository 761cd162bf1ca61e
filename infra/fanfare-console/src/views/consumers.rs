//! The consumers: what each hears, and how it stands.

use crate::app::App;
use crate::error::ViewError;
use crate::form::encoded;
use crate::handle::Asked;
use crate::view::{Section, View};
use askama::Template;
use fanfare_loopback::Reply;
use fanfare_operate::{FilterPolicy, OperateError, QueueLine};
use serde::Serialize;

/// How it is with a consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// It has dead letters.
    Dead,
    /// Messages wait, or are being handled.
    Busy,
    /// Nothing waits.
    Idle,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dead => "dead letters",
            Self::Busy => "busy",
            Self::Idle => "idle",
        }
    }

    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Dead => "bad",
            Self::Busy => "busy",
            Self::Idle => "good",
        }
    }
}

/// A consumer, what it hears and how its queue stands.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    pub(crate) name: String,
    /// Its function's name in the template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) function: Option<String>,
    /// Its queue's name in the template.
    pub(crate) queue: String,
    /// The event types that it hears; absent where its subscription is not a list of types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) types: Option<Vec<String>>,
    /// Whether it is subscribed to the topic at all.
    pub(crate) is_subscribed: bool,
    pub(crate) waiting: u64,
    pub(crate) in_flight: u64,
    pub(crate) delayed: u64,
    pub(crate) dead: u64,
}

impl Line {
    pub(crate) fn state(&self) -> State {
        match (self.dead, self.waiting + self.in_flight + self.delayed) {
            (0, 0) => State::Idle,
            (0, _) => State::Busy,
            _ => State::Dead,
        }
    }

    /// What it hears, in words.
    pub(crate) fn hears(&self) -> String {
        match (&self.types, self.is_subscribed) {
            (Some(types), _) => types.join(", "),
            (None, true) => "by a filter of its own".to_owned(),
            (None, false) => "nothing: its queue has no subscription".to_owned(),
        }
    }

    /// Whether it may hear events of a type.
    pub(crate) fn may_hear(&self, event_type: &str) -> bool {
        match &self.types {
            Some(types) => types.iter().any(|one| one == event_type),
            None => self.is_subscribed,
        }
    }

    pub(crate) fn href(&self) -> String {
        format!("/consumers/{}", encoded(&self.name))
    }

    pub(crate) fn failures(&self) -> String {
        format!("/failures/{}", encoded(&self.name))
    }
}

/// Every consumer, by name.
pub(crate) async fn lines(app: &App) -> Result<Vec<Line>, OperateError> {
    let roles = &app.connection.description().await?.roles;
    let queues = app.queues().await?;
    // A template without a topic has nobody who hears anything.
    let audience = match roles.topic {
        Some(_) => app.audience().await?,
        None => fanfare_operate::Audience::default(),
    };
    let mut lines: Vec<Line> = Vec::with_capacity(roles.consumers.len());
    for consumer in &roles.consumers {
        let stands =
            queues.iter().find(|line| line.queue.is_some() && line.consumer == consumer.name);
        let heard = audience.iter().find(|(name, _)| *name == consumer.name);
        let count = |of: fn(&QueueLine) -> u64| stands.map_or(0, of);
        lines.push(Line {
            name: consumer.name.clone(),
            function: consumer.function.clone(),
            queue: consumer.queue.clone(),
            types: heard.and_then(|(_, policy)| types(policy)),
            is_subscribed: heard.is_some(),
            waiting: count(|line| line.counts.waiting),
            in_flight: count(|line| line.counts.in_flight),
            delayed: count(|line| line.counts.delayed),
            dead: count(|line| line.dead),
        });
    }
    lines.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(lines)
}

fn types(policy: &FilterPolicy) -> Option<Vec<String>> {
    let mut types = policy.types()?;
    types.sort();
    Some(types)
}

#[derive(Template, Serialize)]
#[template(path = "consumers.html")]
pub(crate) struct Consumers {
    pub(crate) consumers: Vec<Line>,
}

impl View for Consumers {
    const SECTION: Section = Section::Consumers;

    fn title(&self) -> String {
        "Consumers".to_owned()
    }

    fn is_live(&self) -> bool {
        true
    }
}

pub(crate) async fn all(asked: &Asked<'_>) -> Result<Reply, ViewError> {
    asked.show(&Consumers { consumers: lines(asked.app).await? }).await
}
