//! `fanfare dlq show`

use super::selection::SelectionArguments;
use crate::age;
use crate::bar::Bar;
use crate::interrupt::{exit_code, stop_on_ctrl_c};
use crate::output::{say, say_json};
use crate::terminal::{BAD, DIM, harmless};
use clap::Args;
use fanfare_operate::{Action, Connection, DeadLetterView, Shown};
use serde_json::Value;
use std::error::Error;
use std::process::ExitCode;

#[derive(Args)]
pub(super) struct ShowArguments {
    /// Whose dead letters
    consumer: String,
    #[command(flatten)]
    selection: SelectionArguments,
    /// So many dead letters at the most
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
}

pub(super) async fn show(
    connection: &Connection,
    arguments: ShowArguments,
    json: bool,
) -> Result<ExitCode, Box<dyn Error>> {
    let letters = connection.dead_letters(&arguments.consumer).await?;
    let stop = stop_on_ctrl_c()?;
    let selection = arguments.selection.into();
    let record = connection.put_on_record(Action::Show, &letters.consumer, &selection).await?;
    let shown = {
        let bar = Bar::new("reading");
        connection.show(&letters, &selection, arguments.limit, &bar, &stop).await
    };
    record.end(stop.is_requested(), &shown, |shown| shown.dead_letters.len() as u64).await;
    let shown = shown?;
    if json {
        say_json(&shown)?;
    } else {
        say(&render(&arguments.consumer, &shown))?;
    }
    Ok(exit_code(stop.is_requested(), shown.count > 0))
}

fn render(consumer: &str, shown: &Shown) -> String {
    if shown.count == 0 {
        return format!("{consumer} has no such dead letter");
    }
    let mut texts: Vec<String> = shown.dead_letters.iter().map(letter).collect();
    let left = shown.count.saturating_sub(shown.dead_letters.len() as u64);
    if left > 0 {
        texts.push(format!("and {left} more; --limit shows more of them"));
    }
    texts.join("\n\n")
}

fn letter(letter: &DeadLetterView) -> String {
    let (dim, reset) = (DIM.render(), DIM.render_reset());
    let sent_at =
        letter.sent_at.map(|at| format!("{at} ({} ago)", age::since(at.as_millisecond())));
    let fields = [
        ("message", Some(letter.message_id.clone())),
        ("was", letter.original_message_id.clone()),
        ("sent", sent_at),
        ("event", letter.event_type.clone()),
        ("event id", letter.event_id.clone()),
        ("about", letter.correlation_id.clone()),
        ("group", Some(letter.group.clone())),
        ("attempts", letter.attempts.map(|n| n.to_string())),
        ("trace", letter.traceparent.clone()),
    ];
    let mut lines: Vec<String> = fields
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{dim}{name:<9}{reset} {}", harmless(&value?))))
        .collect();
    let (bad, end) = (BAD.render(), BAD.render_reset());
    let error = harmless(letter.error.as_ref().unwrap_or(&letter.cause));
    lines.push(format!("{dim}{:<9}{reset} {bad}{error}{end}", "error"));
    for (n, failure) in letter.history.iter().filter_map(Value::as_array).flatten().enumerate() {
        let text = |name: &str| failure[name].as_str().unwrap_or_default();
        let title = if n == 0 { "history" } else { "" };
        let (attempt, at, error) = (&failure["attempt"], text("at"), text("error"));
        let told = harmless(&format!("{attempt}. {at} {error}"));
        lines.push(format!("{dim}{title:<9}{reset} {told}"));
    }
    for (name, value) in &letter.attributes {
        lines.push(format!(
            "{dim}{:<9}{reset} {}: {}",
            "attribute",
            harmless(name),
            harmless(value)
        ));
    }
    lines.push(harmless(&letter.body));
    lines.join("\n")
}
