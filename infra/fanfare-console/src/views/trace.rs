//! Everything about one thing: its events, what each consumer did with them, and what is missing.

use super::moment;
use super::timeline::{self, Timeline};
use crate::error::ViewError;
use crate::form::{Form, encoded};
use crate::handle::Asked;
use crate::masked;
use crate::text;
use crate::view::{Section, View};
use askama::Template;
use fanfare_event::Envelope;
use fanfare_loopback::Reply;
use fanfare_operate::{Action, Beginning, Selection, Standing, Trace, TracedEvent};
use serde::Serialize;

/// Events on the page.
const MOST: u16 = 300;
/// Bytes of a payload that the page shows.
const PAYLOAD: usize = 16 * 1024;
/// Bytes of a correlation id: what DynamoDB's index takes.
const ID: usize = 1_024;

#[derive(Template, Serialize)]
#[template(path = "search.html")]
struct Search {}

impl View for Search {
    const SECTION: Section = Section::Trace;

    fn title(&self) -> String {
        "Trace".to_owned()
    }
}

/// An event and its payload.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    #[serde(flatten)]
    pub(crate) event: TracedEvent,
    /// Milliseconds after the first event.
    pub(crate) after_ms: i64,
    /// The type of the event that it was caused by, if that is among these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) caused_by: Option<String>,
    pub(crate) stream: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tenant: Option<String>,
    pub(crate) schema_version: u32,
    /// The payload, its values hidden unless they were asked for.
    pub(crate) payload: String,
}

#[derive(Template, Serialize)]
#[template(path = "trace.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct TracePage {
    pub(crate) correlation_id: String,
    pub(crate) steps: Vec<Step>,
    /// Whether there are more events.
    pub(crate) is_cut: bool,
    /// Whether values are shown.
    pub(crate) is_open: bool,
    /// The moment that it tells of, in milliseconds after the first event; absent: now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<i64>,
    #[serde(skip)]
    pub(crate) timeline: Timeline,
}

impl View for TracePage {
    const SECTION: Section = Section::Trace;

    fn title(&self) -> String {
        format!("Trace of {}", self.correlation_id)
    }

    /// As long as something is to come. A page of values is one that was asked for once, and of the past nothing changes.
    fn is_live(&self) -> bool {
        !self.is_open && self.at.is_none() && self.unfinished() > 0
    }
}

impl TracePage {
    pub(crate) fn of(beginning: Beginning, is_open: bool, at: Option<i64>) -> Self {
        let timeline = Timeline::of(&beginning.trace, at);
        let first = beginning.trace.events.first();
        let first = first.map_or(0, |event| event.timestamp.as_millisecond());
        let Beginning { trace, events, is_cut } = match at {
            Some(at) => moment::at(beginning, first.saturating_add(at)),
            None => beginning,
        };
        let types: Vec<_> =
            trace.events.iter().map(|e| (e.event_id.clone(), e.event_type.clone())).collect();
        let Trace { correlation_id, events: traced } = trace;
        let steps = traced.into_iter().zip(&events).map(|(event, envelope)| Step {
            after_ms: event.timestamp.as_millisecond() - first,
            caused_by: types
                .iter()
                .find(|(id, _)| Some(id) == event.causation_id.as_ref())
                .map(|(_, event_type)| event_type.clone()),
            stream: envelope.stream.clone(),
            tenant: envelope.tenant.clone(),
            schema_version: envelope.schema_version,
            payload: payload(envelope, &correlation_id, is_open),
            event,
        });
        Self { steps: steps.collect(), correlation_id, is_cut, is_open, at, timeline }
    }

    /// Where the slider stands.
    fn slider(&self) -> i64 {
        self.at.unwrap_or(self.timeline.span_ms).min(self.timeline.span_ms)
    }

    fn count(&self, is_meant: fn(Standing) -> bool) -> u64 {
        let all = self.steps.iter().flat_map(|step| &step.event.consumers);
        all.filter(|one| is_meant(one.outcome)).count() as u64
    }

    fn done(&self) -> u64 {
        self.count(|one| one == Standing::Done)
    }

    fn unfinished(&self) -> u64 {
        self.count(|one| !matches!(one, Standing::Done | Standing::DeadLettered))
    }

    fn dead(&self) -> u64 {
        self.count(|one| one == Standing::DeadLettered)
    }
}

fn payload(event: &Envelope, correlation_id: &str, is_open: bool) -> String {
    let mut text = match is_open {
        true => masked::shown(event.payload.get()),
        false => masked::payload(event.payload.get(), correlation_id),
    };
    if text.len() > PAYLOAD {
        let bytes = text.len();
        text.truncate(text.floor_char_boundary(PAYLOAD));
        text.push_str(&format!("\n… the first {PAYLOAD} of {bytes} bytes"));
    }
    text
}

pub(crate) async fn page(asked: &Asked<'_>) -> Result<Reply, ViewError> {
    let Some(given) = asked.form.get("id") else { return asked.show(&Search {}).await };
    // Somebody who has an event has what it is about.
    if let Ok(event) = Envelope::from_json(given)
        && let Some(about) = event.correlation_id
    {
        return Ok(asked.see(&format!("/trace?id={}#{}", encoded(&about), event.event_id)));
    }
    let at = at(&asked.form)?;
    let page = TracePage::of(find(asked, given).await?, false, at);
    asked.show(&page).await
}

/// The same with the values of payloads, which is put on record.
pub(crate) async fn values(asked: &Asked<'_>) -> Result<Reply, ViewError> {
    let id = asked.form.require("id", ID)?;
    let selection = Selection { id: Some(id.to_owned()), ..Selection::default() };
    let about = "events of one correlation id";
    let record = asked.app.connection.put_on_record(Action::Show, about, &selection).await?;
    let found = find(asked, id).await;
    record.end(false, &found, |beginning| beginning.events.len() as u64).await;
    asked.show(&TracePage::of(found?, true, None)).await
}

/// The moment that is asked for, in milliseconds after the first event.
fn at(form: &Form) -> Result<Option<i64>, ViewError> {
    let Some(text) = form.get("at") else { return Ok(None) };
    match text.parse() {
        Ok(at) if at >= 0 => Ok(Some(at)),
        _ => Err(ViewError::Field {
            field: "at",
            reason: "say milliseconds after the first event, such as 250".to_owned(),
        }),
    }
}

async fn find(asked: &Asked<'_>, id: &str) -> Result<Beginning, ViewError> {
    if id.len() > ID {
        let reason = format!("at most {ID} bytes, or an event with a correlationId");
        return Err(ViewError::Field { field: "id", reason });
    }
    let missing = || {
        ViewError::Missing(format!(
            "no event is about {id:?}: expected is a correlation id, which is what an event is about, such as an order's or a \
             room's id, and not an event's own; /events lists what has happened"
        ))
    };
    asked.app.connection.beginning(id, MOST).await?.ok_or_else(missing)
}
