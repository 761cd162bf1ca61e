//! Events: the catalogue, and what has happened last.

use super::consumers::lines;
use crate::error::ViewError;
use crate::handle::Asked;
use crate::text;
use crate::view::{Section, View};
use askama::Template;
use fanfare_event::{Catalogue, Envelope, Timestamp};
use fanfare_event_store::{Filter, Place, StoreError};
use fanfare_loopback::Reply;
use fanfare_operate::OperateError;
use fanfare_template::{Inputs, Template as SamTemplate};
use serde::Serialize;
use std::path::Path;

/// Events that are looked at, since the store has no index by time, and of these so many are shown.
const LOOKED_AT: u64 = 2_000;
const SHOWN: usize = 100;
/// Events of one request.
const PAGE: u16 = 1_000;

/// An event type.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) version: u32,
    pub(crate) stream: String,
    pub(crate) summary: String,
    /// Consumers that hear it for sure.
    pub(crate) consumers: Vec<String>,
}

/// An event.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Happened {
    pub(crate) event_type: String,
    pub(crate) event_id: String,
    pub(crate) timestamp: Timestamp,
    pub(crate) correlation_id: Option<String>,
    pub(crate) source: Option<String>,
}

impl From<Envelope> for Happened {
    fn from(event: Envelope) -> Self {
        Self {
            event_type: event.event_type,
            event_id: event.event_id.to_string(),
            timestamp: event.timestamp,
            correlation_id: event.correlation_id,
            source: event.source,
        }
    }
}

#[derive(Template, Serialize)]
#[template(path = "events.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Events {
    pub(crate) kinds: Vec<Kind>,
    /// Why there is no catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) no_catalogue: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) event_type: Option<String>,
    /// The newest of those that were looked at, the newest first.
    pub(crate) events: Vec<Happened>,
    pub(crate) looked_at: u64,
    /// Whether there are events that were not looked at.
    pub(crate) is_cut: bool,
    #[serde(skip)]
    pub(crate) is_runner: bool,
}

impl View for Events {
    const SECTION: Section = Section::Events;
    const PATIENCE: u64 = 3;

    fn title(&self) -> String {
        "Events".to_owned()
    }

    /// Elsewhere each look costs as many reads as events.
    fn is_live(&self) -> bool {
        self.is_runner
    }
}

impl Events {
    fn is_chosen(&self, name: &str) -> bool {
        self.event_type.as_deref() == Some(name)
    }
}

pub(crate) async fn page(asked: &Asked<'_>) -> Result<Reply, ViewError> {
    let app = asked.app;
    let template = &app.connection.description().await?.template;
    let consumers = lines(app).await?;
    let (catalogue, no_catalogue) = match catalogue(Path::new(template)) {
        Ok(catalogue) => (catalogue, None),
        Err(why) => (Catalogue::default(), Some(why)),
    };
    let kind = |event: &fanfare_event::EventDescription| {
        let name = event.event_type.to_string();
        let hear = consumers.iter().filter(|line| line.types.is_some() && line.may_hear(&name));
        let consumers = hear.map(|line| line.name.clone()).collect();
        Kind {
            version: event.version,
            stream: event.stream.to_string(),
            summary: event.summary.to_string(),
            name,
            consumers,
        }
    };
    let event_type = asked.form.get("type").map(str::to_owned);
    let (events, looked_at, is_cut) = newest(asked, event_type.clone()).await?;
    let page = Events {
        kinds: catalogue.events().iter().map(kind).collect(),
        no_catalogue,
        event_type,
        events,
        looked_at,
        is_cut,
        is_runner: app.is_runner().await?,
    };
    asked.show(&page).await
}

/// The catalogue of a template, or why there is none.
fn catalogue(template: &Path) -> Result<Catalogue, String> {
    let told = |error: &dyn std::error::Error| fanfare_bootstrap::ErrorChain(error).to_string();
    let text = std::fs::read_to_string(template).map_err(|error| told(&error))?;
    let read = SamTemplate::read(&text, &Inputs::default()).map_err(|error| told(&error))?;
    let file = read.catalogue_file(template).ok_or_else(|| {
        "the template names no catalogue of events: Metadata: { Fanfare: { Catalogue: catalogue.json } }".to_owned()
    })?;
    Catalogue::read(&file).map_err(|error| told(&error))
}

async fn newest(
    asked: &Asked<'_>,
    event_type: Option<String>,
) -> Result<(Vec<Happened>, u64, bool), OperateError> {
    let store = asked.app.connection.event_store().await?;
    let filter = Filter { types: event_type.map(|one| vec![one]), ..Filter::default() };
    let unread = |source: StoreError| OperateError::Aws {
        doing: "reading the event store".to_owned(),
        source: source.into(),
    };
    let (mut events, mut looked_at, mut after) = (Vec::new(), 0, None::<Place>);
    let is_cut = loop {
        let page = store.page(&filter, after.as_ref(), PAGE).await.map_err(unread)?;
        looked_at += page.looked_at;
        for stored in &page.events {
            events.push(Happened::from(stored.envelope().map_err(unread)?));
        }
        after = page.next;
        if after.is_none() || looked_at >= LOOKED_AT {
            break after.is_some();
        }
    };
    events.sort_by_key(|event| std::cmp::Reverse(event.timestamp));
    events.truncate(SHOWN);
    Ok((events, looked_at, is_cut))
}
