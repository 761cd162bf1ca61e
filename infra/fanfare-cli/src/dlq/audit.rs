//! `fanfare dlq audit`

use crate::output::{say, say_json, table};
use crate::terminal::{BAD, DIM, harmless};
use clap::Args;
use fanfare_operate::{Action, AuditDetail, AuditRecord, Connection, Outcome, Selection};
use std::error::Error;
use std::process::ExitCode;

#[derive(Args)]
pub(super) struct AuditArguments {
    /// One action, with every message that it touched and the originals of edited ones
    id: Option<String>,
    /// So many actions at the most
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

pub(super) async fn audit(
    connection: &Connection,
    arguments: &AuditArguments,
    json: bool,
) -> Result<ExitCode, Box<dyn Error>> {
    match &arguments.id {
        Some(id) => {
            let detail = connection.audit_detail(id).await?;
            if json { say_json(&detail)? } else { say(&one(&detail))? }
        }
        None => {
            let records = connection.audit(arguments.limit).await?;
            if json { say_json(&records)? } else { say(&all(&records))? }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn all(records: &[AuditRecord]) -> String {
    if records.is_empty() {
        return "nothing was done yet".to_owned();
    }
    let row = |record: &AuditRecord| {
        [
            record.started_at.to_string(),
            harmless(&record.who),
            format!("{} {}", action(record), harmless(&record.consumer)),
            meant(&record.selection),
            ended(record),
            harmless(record.why.as_deref().unwrap_or_default()),
            harmless(&record.id),
        ]
    };
    table(["when", "who", "what", "which", "how it ended", "why", "id"], records.iter().map(row))
}

fn one(detail: &AuditDetail) -> String {
    let record = &detail.record;
    let (dim, reset) = (DIM.render(), DIM.render_reset());
    let fields = [
        ("what", Some(format!("{} {}", action(record), harmless(&record.consumer)))),
        ("which", Some(meant(&record.selection))),
        ("from", Some(harmless(&record.queue)).filter(|from| !from.is_empty())),
        ("to", Some(harmless(&record.targets.join(", "))).filter(|to| !to.is_empty())),
        ("who", Some(harmless(&record.who))),
        ("identity", record.identity.as_deref().map(harmless)),
        ("why", record.why.as_deref().map(harmless)),
        ("began", Some(record.started_at.to_string())),
        ("ended", record.ended_at.map(|at| at.to_string())),
        ("outcome", Some(ended(record))),
    ];
    let mut lines: Vec<String> = fields
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{dim}{name:<9}{reset} {}", value?)))
        .collect();
    for message in &detail.messages {
        let event = message.event_id.as_deref().unwrap_or("(no event)");
        let kind = message.event_type.as_deref().unwrap_or_default();
        let told = harmless(&format!("{} {event} {kind}", message.message_id));
        lines.push(format!("{dim}message  {reset} {told}"));
    }
    for original in &detail.originals {
        lines.push(format!("{dim}original {reset} {}", harmless(&original.message_id)));
        lines.push(harmless(&original.body));
    }
    lines.join("\n")
}

fn action(record: &AuditRecord) -> &'static str {
    match (record.action, record.edit) {
        (Action::Redrive, true) => "edit and redrive",
        (Action::Redrive, false) => "redrive",
        (Action::Purge, _) => "purge",
        (Action::Show, _) => "show",
        (Action::Export, _) => "export",
        (Action::Replay, _) => "replay by force",
        (Action::Rebuild, _) => "rebuild",
        (Action::Send, _) => "send",
    }
}

fn meant(selection: &Selection) -> String {
    let parts = [("group", &selection.group), ("id", &selection.id), ("filter", &selection.filter)];
    let parts = parts
        .into_iter()
        .filter_map(|(name, value)| Some(harmless(&format!("{name} {}", value.as_ref()?))));
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "all".to_owned() } else { parts.join(", ") }
}

fn ended(record: &AuditRecord) -> String {
    let counts = record.counts;
    let done = match record.action {
        Action::Redrive | Action::Purge => {
            format!("{} sent, {} deleted", counts.sent, counts.deleted)
        }
        Action::Show | Action::Export | Action::Replay | Action::Rebuild | Action::Send => {
            format!("{} of them", counts.selected)
        }
    };
    let (bad, reset) = (BAD.render(), BAD.render_reset());
    match (record.outcome, &record.error) {
        (Outcome::Done, _) => done,
        (Outcome::Interrupted, _) => format!("stopped: {done}"),
        (Outcome::Failed, error) => {
            format!(
                "{bad}failed{reset}: {done}: {}",
                harmless(error.as_deref().unwrap_or_default())
            )
        }
        (Outcome::Started, _) => format!("{bad}under way, or broken off{reset}"),
    }
}
