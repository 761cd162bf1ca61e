//! `fanfare dlq ls`

use crate::age;
use crate::bar::Bar;
use crate::interrupt::{exit_code, stop_on_ctrl_c};
use crate::output::{say, say_json, table};
use crate::terminal::{BAD, DIM, harmless};
use clap::Args;
use fanfare_operate::{Connection, Summary};
use futures_util::future::try_join_all;
use std::error::Error;
use std::process::ExitCode;

/// The age at which the oldest dead letter is about to be forgotten, in milliseconds before it is.
const SOON: i64 = 2 * 86_400_000;

#[derive(Args)]
pub(super) struct LsArguments {
    /// This consumer's alone
    consumer: Option<String>,
}

pub(super) async fn ls(
    connection: &Connection,
    arguments: &LsArguments,
    json: bool,
) -> Result<ExitCode, Box<dyn Error>> {
    let letters = match &arguments.consumer {
        Some(name) => vec![connection.dead_letters(name).await?],
        None => connection.all_dead_letters().await?,
    };
    let stop = stop_on_ctrl_c()?;
    let summaries = {
        let bar = Bar::new("reading");
        let each = letters.iter().map(|letters| connection.summary(letters, &bar, &stop));
        try_join_all(each).await?
    };
    if json {
        say_json(&summaries)?;
    } else {
        say(&render(&summaries))?;
    }
    Ok(exit_code(stop.is_requested(), true))
}

fn render(summaries: &[Summary]) -> String {
    let rows = summaries.iter().flat_map(|summary| {
        let groups = summary.groups.iter().map(|group| {
            [
                harmless(&summary.consumer),
                group.count.to_string(),
                group.oldest.map(|at| age::since(at.as_millisecond())).unwrap_or_default(),
                group.group.clone(),
                harmless(&shortened(&group.cause)),
            ]
        });
        groups.collect::<Vec<_>>()
    });
    let rows: Vec<_> = rows.collect();
    let mut lines = Vec::new();
    if !rows.is_empty() {
        lines.push(table(["consumer", "dead letters", "oldest", "group", "cause"], rows));
    }
    let empty = summaries.iter().filter(|s| s.count == 0 && s.in_flight_elsewhere == 0);
    let empty: Vec<&str> = empty.map(|summary| summary.consumer.as_str()).collect();
    if !empty.is_empty() {
        let (dim, reset) = (DIM.render(), DIM.render_reset());
        lines.push(format!("{dim}no dead letters: {}{reset}", empty.join(", ")));
    }
    lines.extend(summaries.iter().flat_map(remarks));
    lines.join("\n")
}

/// What an operator should know beside the counts.
fn remarks(summary: &Summary) -> Vec<String> {
    let (bad, reset) = (BAD.render(), BAD.render_reset());
    let consumer = &summary.consumer;
    let mut remarks = Vec::new();
    if summary.in_flight_elsewhere > 0 {
        let count = summary.in_flight_elsewhere;
        remarks.push(format!("{consumer}: {count} more are being read by somebody else"));
    }
    if summary.interrupted {
        remarks.push(format!("{consumer}: stopped before all were read"));
    }
    if let Some(expires) = summary.oldest_expires.map(|at| at.as_millisecond()) {
        let left = age::until(expires);
        if age::is_within(expires, SOON) {
            remarks.push(format!("{bad}{consumer}: SQS forgets the oldest in {left}{reset}"));
        }
    }
    if summary.count > 0 && !summary.redrivable {
        let what = "these come from no queue; `fanfare dlq redrive` says what to do with them";
        remarks.push(format!("{consumer}: {what}"));
    }
    remarks
}

/// A cause in one line of a table.
fn shortened(cause: &str) -> String {
    const MOST: usize = 100;
    match cause.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", cause.get(..end).unwrap_or_default()),
        None => cause.to_owned(),
    }
}
