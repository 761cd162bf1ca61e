//! Dead letters: of all consumers by cause, and of one consumer one by one.

use crate::app::App;
use crate::error::ViewError;
use crate::form::encoded;
use crate::handle::Asked;
use crate::look::{Bound, MOST};
use crate::text;
use crate::view::{Section, View};
use askama::Template;
use fanfare_event::Timestamp;
use fanfare_loopback::Reply;
use fanfare_operate::{DeadLetterQueue, DeadLetterView, OperateError, Selection, Summary};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;

/// Dead-letter queues that are looked into at once.
const PARALLEL: usize = 8;
/// Dead letters on a consumer's page.
const SHOWN: usize = 50;

/// What a consumer's dead-letter queue holds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failing {
    pub(crate) consumer: String,
    /// Dead letters as SQS counts them, those that somebody has received included.
    pub(crate) dead: u64,
    /// By cause; absent while they are redriven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) summary: Option<Summary>,
    /// The redrive that is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) job: Option<u64>,
    /// Whether there are more than were read.
    pub(crate) is_cut: bool,
}

#[derive(Template, Serialize)]
#[template(path = "failures.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failures {
    pub(crate) consumers: Vec<Failing>,
    /// How many dead-letter queues are empty.
    pub(crate) empty: u64,
    /// Dead letters that are read of each at the most.
    pub(crate) most: u64,
}

impl View for Failures {
    const SECTION: Section = Section::Failures;

    fn title(&self) -> String {
        "Failures".to_owned()
    }
}

/// A dead letter in the list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    pub(crate) message_id: String,
    pub(crate) event_type: Option<String>,
    pub(crate) event_id: Option<String>,
    pub(crate) correlation_id: Option<String>,
    pub(crate) sent_at: Option<Timestamp>,
    pub(crate) attempts: Option<u32>,
    pub(crate) group: String,
    pub(crate) error: String,
}

impl From<DeadLetterView> for Row {
    fn from(letter: DeadLetterView) -> Self {
        Self {
            message_id: letter.message_id,
            event_type: letter.event_type,
            event_id: letter.event_id,
            correlation_id: letter.correlation_id,
            sent_at: letter.sent_at,
            attempts: letter.attempts,
            group: letter.group,
            error: letter.error.unwrap_or(letter.cause),
        }
    }
}

#[derive(Template, Serialize)]
#[template(path = "letters.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Letters {
    pub(crate) consumer: String,
    pub(crate) selection: Selection,
    pub(crate) letters: Vec<Row>,
    /// How many there are of the kind that is asked for.
    pub(crate) count: u64,
    /// Whether not all were read, so that there may be more.
    pub(crate) is_cut: bool,
    /// Dead letters that are read at the most.
    pub(crate) most: u64,
    /// The redrive that is under way.
    pub(crate) job: Option<u64>,
    /// Whether they can go back to a queue.
    pub(crate) is_redrivable: bool,
    #[serde(skip)]
    pub(crate) may_write: bool,
}

impl View for Letters {
    const SECTION: Section = Section::Failures;

    fn title(&self) -> String {
        format!("Failures of {}", self.consumer)
    }
}

impl Letters {
    fn path(&self) -> String {
        format!("/failures/{}", encoded(&self.consumer))
    }

    /// Whether there are more than are shown.
    fn is_more(&self) -> bool {
        (self.letters.len() as u64) < self.count
    }

    fn is_everything(&self) -> bool {
        self.selection.is_everything()
    }
}

pub(crate) async fn all(asked: &Asked<'_>) -> Result<Reply, ViewError> {
    let all = asked.app.connection.all_dead_letters().await?;
    let of =
        |letters: &DeadLetterQueue| letters.queue.counts.waiting + letters.queue.counts.in_flight;
    let (full, empty): (Vec<_>, Vec<_>) = all.into_iter().partition(|letters| of(letters) > 0);
    let mut looks = Vec::with_capacity(full.len());
    for letters in &full {
        looks.push(failing(asked.app, letters, of(letters)));
    }
    let mut consumers: Vec<Failing> =
        stream::iter(looks).buffer_unordered(PARALLEL).try_collect().await?;
    consumers.sort_by(|one, other| one.consumer.cmp(&other.consumer));
    asked.show(&Failures { consumers, empty: empty.len() as u64, most: MOST }).await
}

async fn failing(app: &App, letters: &DeadLetterQueue, dead: u64) -> Result<Failing, OperateError> {
    let consumer = letters.consumer.clone();
    if let Some(job) = app.jobs.running(&consumer) {
        let job = Some(job.id);
        return Ok(Failing { consumer, dead, summary: None, job, is_cut: false });
    }
    let turn = app.looks.of(&consumer);
    let _turn = turn.lock().await;
    let bound = Bound::default();
    let summary = app.connection.summary(letters, &bound, &bound.stop).await?;
    Ok(Failing { consumer, dead, summary: Some(summary), job: None, is_cut: bound.is_reached() })
}

pub(crate) async fn of(asked: &Asked<'_>, consumer: &str) -> Result<Reply, ViewError> {
    let app = asked.app;
    let letters = app.connection.dead_letters(consumer).await?;
    let text = |name| asked.form.get(name).map(str::to_owned);
    let selection = Selection {
        group: text("group"),
        id: text("id"),
        filter: text("text"),
        ..Selection::default()
    };
    let mut page = Letters {
        consumer: letters.consumer.clone(),
        selection,
        letters: Vec::new(),
        count: 0,
        is_cut: false,
        most: MOST,
        job: app.jobs.running(&letters.consumer).map(|job| job.id),
        is_redrivable: !letters.sources.is_empty(),
        may_write: app.may_write().await,
    };
    if page.job.is_none() {
        let turn = app.looks.of(&letters.consumer);
        let _turn = turn.lock().await;
        let bound = Bound::default();
        let shown =
            app.connection.show(&letters, &page.selection, SHOWN, &bound, &bound.stop).await?;
        page.count = shown.count;
        page.letters = shown.dead_letters.into_iter().map(Row::from).collect();
        page.is_cut = bound.is_reached();
    }
    asked.show(&page).await
}
