//! One dead letter.

use crate::error::ViewError;
use crate::form::encoded;
use crate::handle::Asked;
use crate::look::Bound;
use crate::masked;
use crate::text;
use crate::view::{Section, View};
use askama::Template;
use fanfare_loopback::Reply;
use fanfare_operate::{Action, DeadLetterQueue, DeadLetterView, Selection, Shown};
use serde::Serialize;
use serde_json::Value;

/// Bytes of a body that a page shows.
const BODY: usize = 64 * 1024;

/// A failed attempt.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Attempt {
    pub(crate) attempt: u64,
    pub(crate) at: String,
    pub(crate) error: String,
}

#[derive(Template, Serialize)]
#[template(path = "letter.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Letter {
    pub(crate) consumer: String,
    /// What is known of it, its body as far as it is shown.
    pub(crate) letter: DeadLetterView,
    pub(crate) attempts: Vec<Attempt>,
    /// Bytes of its body.
    pub(crate) bytes: usize,
    /// Whether the values in its body are hidden.
    pub(crate) is_hidden: bool,
    /// Whether the body is longer than what is shown of it.
    pub(crate) is_cut: bool,
    pub(crate) is_redrivable: bool,
    #[serde(skip)]
    pub(crate) may_write: bool,
}

impl View for Letter {
    const SECTION: Section = Section::Failures;

    fn title(&self) -> String {
        let what = self.letter.event_type.as_deref().unwrap_or("message");
        format!("Dead {what} of {}", self.consumer)
    }
}

impl Letter {
    pub(crate) fn new(consumer: String, mut letter: DeadLetterView, is_hidden: bool) -> Self {
        let bytes = letter.body.len();
        let mut body = match is_hidden {
            true => masked::body(&letter.body),
            false => masked::shown(&letter.body),
        };
        let is_cut = body.len() > BODY;
        body.truncate(body.floor_char_boundary(BODY));
        letter.body = body;
        if is_hidden {
            letter.attributes.values_mut().for_each(|value| *value = "•••".to_owned());
        }
        let attempts = attempts(letter.history.take().as_ref());
        Self {
            consumer,
            letter,
            attempts,
            bytes,
            is_hidden,
            is_cut,
            is_redrivable: false,
            may_write: false,
        }
    }

    fn path(&self) -> String {
        format!("/failures/{}/{}", encoded(&self.consumer), encoded(&self.letter.message_id))
    }
}

/// The attempts that a dead letter's history tells of.
fn attempts(history: Option<&Value>) -> Vec<Attempt> {
    let told = history.and_then(Value::as_array).into_iter().flatten();
    let attempt = |failure: &Value| {
        let text =
            |name: &str| failure.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let attempt = failure.get("attempt").and_then(Value::as_u64).unwrap_or_default();
        Attempt { attempt, at: text("at"), error: text("error") }
    };
    told.map(attempt).collect()
}

pub(crate) async fn page(
    asked: &Asked<'_>,
    consumer: &str,
    message: &str,
) -> Result<Reply, ViewError> {
    let letters = asked.app.connection.dead_letters(consumer).await?;
    let shown = look(asked, &letters, &one(message)).await;
    answer(asked, &letters, shown?, true).await
}

/// The same with its values, which is put on record.
pub(crate) async fn body(
    asked: &Asked<'_>,
    consumer: &str,
    message: &str,
) -> Result<Reply, ViewError> {
    let connection = &asked.app.connection;
    let letters = connection.dead_letters(consumer).await?;
    let selection = one(message);
    let record = connection.put_on_record(Action::Show, &letters.consumer, &selection).await?;
    let shown = look(asked, &letters, &selection).await;
    record.end(false, &shown, |shown| shown.dead_letters.len() as u64).await;
    answer(asked, &letters, shown?, false).await
}

fn one(message: &str) -> Selection {
    Selection { id: Some(message.to_owned()), ..Selection::default() }
}

async fn look(
    asked: &Asked<'_>,
    letters: &DeadLetterQueue,
    selection: &Selection,
) -> Result<Shown, ViewError> {
    if let Some(job) = asked.app.jobs.running(&letters.consumer) {
        let consumer = &letters.consumer;
        return Err(ViewError::Missing(format!(
            "the dead letters of {consumer} are redriven at the moment, and not read meanwhile: see /jobs/{}",
            job.id
        )));
    }
    let turn = asked.app.looks.of(&letters.consumer);
    let _turn = turn.lock().await;
    let bound = Bound::default();
    Ok(asked.app.connection.show(letters, selection, 1, &bound, &bound.stop).await?)
}

async fn answer(
    asked: &Asked<'_>,
    letters: &DeadLetterQueue,
    shown: Shown,
    is_hidden: bool,
) -> Result<Reply, ViewError> {
    let consumer = letters.consumer.clone();
    let gone = || {
        ViewError::Missing(format!(
            "{consumer} has no such dead letter: it was sent back or purged (see the audit list), or somebody else holds it \
             for a minute"
        ))
    };
    let letter = shown.dead_letters.into_iter().next().ok_or_else(gone)?;
    let page = Letter {
        is_redrivable: !letters.sources.is_empty(),
        may_write: asked.app.may_write().await,
        ..Letter::new(consumer, letter, is_hidden)
    };
    asked.show(&page).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_history_that_somebody_made_up_is_shown_as_far_as_it_goes() {
        let told = json!([{"attempt": 2, "at": "then", "error": "no"}, 7, {"attempt": "x"}]);
        let attempts = attempts(Some(&told));
        assert_eq!(attempts.len(), 3);
        assert_eq!(attempts[0], Attempt { attempt: 2, at: "then".into(), error: "no".into() });
        assert_eq!(attempts[1], Attempt { attempt: 0, at: String::new(), error: String::new() });
    }
}
