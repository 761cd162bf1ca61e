//! Redriving: begun, watched, stopped.

use crate::error::ViewError;
use crate::form::{Form, encoded};
use crate::handle::Asked;
use crate::job::{Job, Order, State};
use crate::text;
use crate::view::{Section, View};
use askama::Template;
use fanfare_event::Timestamp;
use fanfare_loopback::Reply;
use fanfare_operate::Selection;
use serde::Serialize;
use std::sync::Arc;

/// Bytes of a reason.
const WHY: usize = 500;
/// Dead letters a second at the most that may be asked for.
const FASTEST: u32 = 10_000;

#[derive(Template, Serialize)]
#[template(path = "job.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobPage {
    pub(crate) id: u64,
    pub(crate) consumer: String,
    pub(crate) why: String,
    pub(crate) started_at: Timestamp,
    /// Dead letters that were looked at, of those that there were.
    pub(crate) done: u64,
    pub(crate) expected: u64,
    /// Whether it was asked to stop.
    pub(crate) is_stopping: bool,
    #[serde(flatten)]
    pub(crate) state: State,
}

impl View for JobPage {
    const SECTION: Section = Section::Failures;

    fn title(&self) -> String {
        format!("Redrive {} of {}", self.id, self.consumer)
    }

    fn is_live(&self) -> bool {
        self.state.is_running()
    }
}

impl JobPage {
    fn of(job: &Job) -> Self {
        Self {
            id: job.id,
            consumer: job.consumer.clone(),
            why: job.why.clone(),
            started_at: job.started_at,
            done: job.steps.done(),
            expected: job.steps.expected(),
            is_stopping: job.stop.is_requested(),
            state: job.state(),
        }
    }

    fn failures(&self) -> String {
        format!("/failures/{}", encoded(&self.consumer))
    }
}

pub(crate) async fn page(asked: &Asked<'_>, id: &str) -> Result<Reply, ViewError> {
    asked.show(&JobPage::of(&*job(asked, id)?)).await
}

/// Sends dead letters back, and leads to the page that tells how far it is.
pub(crate) async fn start(asked: &Asked<'_>, consumer: &str) -> Result<Reply, ViewError> {
    let order = Order {
        selection: selection(&asked.form)?,
        why: asked.form.require("why", WHY)?.to_owned(),
        rate: rate(&asked.form)?,
    };
    let connection = asked.app.connection.clone();
    let letters = connection.dead_letters(consumer).await?;
    let turn = asked.app.looks.of(&letters.consumer);
    let started = asked.app.jobs.start(connection, letters, order, turn);
    let running = |job: Arc<Job>| ViewError::Field {
        field: "consumer",
        reason: format!("its dead letters are redriven already: see /jobs/{}", job.id),
    };
    Ok(asked.see(&format!("/jobs/{}", started.map_err(running)?.id)))
}

pub(crate) fn stop(asked: &Asked<'_>, id: &str) -> Result<Reply, ViewError> {
    let job = job(asked, id)?;
    job.stop.request();
    Ok(asked.see(&format!("/jobs/{}", job.id)))
}

fn job(asked: &Asked<'_>, id: &str) -> Result<Arc<Job>, ViewError> {
    let missing = || {
        ViewError::Missing(format!(
            "this console knows no redrive {id:?}; what earlier ones did is in the audit list"
        ))
    };
    id.parse().ok().and_then(|id| asked.app.jobs.get(id)).ok_or_else(missing)
}

/// Which dead letters a form means. All of them have to be asked for outright.
fn selection(form: &Form) -> Result<Selection, ViewError> {
    let text = |name| form.get(name).map(str::to_owned);
    let which = form.get("which").unwrap_or("picked");
    match which {
        "picked" => {
            let messages =
                form.all("message").filter(|id| !id.is_empty()).map(str::to_owned).collect();
            let selection = Selection { messages, ..Selection::default() };
            match selection.is_everything() {
                false => Ok(selection),
                true => Err(ViewError::Field {
                    field: "message",
                    reason: "pick at least one dead letter, or choose all of them".to_owned(),
                }),
            }
        }
        "all" => Ok(Selection {
            group: text("group"),
            filter: text("text"),
            id: text("id"),
            ..Selection::default()
        }),
        _ => Err(ViewError::Field { field: "which", reason: "say picked, or all".to_owned() }),
    }
}

fn rate(form: &Form) -> Result<Option<u32>, ViewError> {
    let Some(text) = form.get("rate") else { return Ok(None) };
    match text.parse() {
        Ok(rate) if (1..=FASTEST).contains(&rate) => Ok(Some(rate)),
        _ => Err(ViewError::Field {
            field: "rate",
            reason: format!("say dead letters a second, from 1 to {FASTEST}, or nothing"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_picked_by_saying_nothing() {
        for form in ["", "which=picked", "message=", "which=none", "group=abc"] {
            selection(&Form::parse(form.as_bytes())).expect_err(form);
        }
        let all = selection(&Form::parse(b"which=all")).expect("all");
        assert!(all.is_everything());
        let group = selection(&Form::parse(b"which=all&group=abc&message=m")).expect("a group");
        assert_eq!((group.group.as_deref(), group.messages.len()), (Some("abc"), 0));
        let picked = selection(&Form::parse(b"message=m&message=n&group=abc")).expect("two");
        assert_eq!((picked.group, picked.messages.len()), (None, 2));
    }

    #[test]
    fn a_rate_is_a_number_of_dead_letters_a_second() {
        assert_eq!(rate(&Form::parse(b"rate=")).expect("none"), None);
        assert_eq!(rate(&Form::parse(b"rate=20")).expect("a rate"), Some(20));
        for form in ["rate=0", "rate=10001", "rate=-1", "rate=fast"] {
            rate(&Form::parse(form.as_bytes())).expect_err(form);
        }
    }
}
