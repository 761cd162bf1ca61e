//! What operators did.

use super::audit as told;
use crate::error::ViewError;
use crate::handle::Asked;
use crate::text;
use crate::view::{Section, View};
use askama::Template;
use fanfare_loopback::Reply;
use fanfare_operate::{Action, AuditDetail, AuditRecord, Outcome};
use serde::Serialize;

/// Records on the page.
const MOST: usize = 100;
/// Messages of one action on its page.
const MESSAGES: usize = 500;

#[derive(Template, Serialize)]
#[template(path = "audit.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Audit {
    pub(crate) records: Vec<AuditRecord>,
    /// Whether there are older ones.
    pub(crate) is_cut: bool,
    /// Whether the stack keeps a list at all.
    pub(crate) is_kept: bool,
}

impl View for Audit {
    const SECTION: Section = Section::Audit;

    fn title(&self) -> String {
        "Audit".to_owned()
    }
}

#[derive(Template, Serialize)]
#[template(path = "audited.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Audited {
    pub(crate) record: AuditRecord,
    pub(crate) messages: Vec<fanfare_operate::AuditedMessage>,
    /// How many messages there are.
    pub(crate) count: usize,
}

impl View for Audited {
    const SECTION: Section = Section::Audit;

    fn title(&self) -> String {
        format!("Audit {}", self.record.id)
    }
}

pub(crate) async fn all(asked: &Asked<'_>) -> Result<Reply, ViewError> {
    let connection = &asked.app.connection;
    let is_kept = connection.description().await?.roles.audit.is_some();
    let mut records = match is_kept {
        true => connection.audit(MOST + 1).await?,
        false => Vec::new(),
    };
    let is_cut = records.len() > MOST;
    records.truncate(MOST);
    asked.show(&Audit { records, is_cut, is_kept }).await
}

/// The bodies of edited dead letters are left to `fanfare dlq audit`: they are somebody's data.
pub(crate) async fn one(asked: &Asked<'_>, id: &str) -> Result<Reply, ViewError> {
    let AuditDetail { record, mut messages, .. } = asked.app.connection.audit_detail(id).await?;
    let count = messages.len();
    messages.truncate(MESSAGES);
    asked.show(&Audited { record, messages, count }).await
}

/// What was done, in a word.
pub(crate) fn action(action: &Action) -> &'static str {
    match action {
        Action::Redrive => "redrive",
        Action::Purge => "purge",
        Action::Show => "show",
        Action::Export => "export",
        Action::Replay => "replay",
        Action::Rebuild => "rebuild",
        Action::Send => "send",
    }
}

/// How it ended, and how that looks.
pub(crate) fn outcome(outcome: &Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Started => ("under way, or broken off", "busy"),
        Outcome::Done => ("done", "good"),
        Outcome::Interrupted => ("stopped", "busy"),
        Outcome::Failed => ("failed", "bad"),
    }
}

/// Which dead letters were meant, in words.
pub(crate) fn meant(record: &AuditRecord) -> String {
    let selection = &record.selection;
    let parts = [
        selection.group.as_ref().map(|group| format!("group {group}")),
        selection.id.as_ref().map(|id| format!("id {id}")),
        selection.filter.as_ref().map(|text| format!("with {text:?}")),
        Some(selection.messages.len()).filter(|n| *n > 0).map(|n| format!("{n} picked")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "all".to_owned() } else { parts.join(", ") }
}
