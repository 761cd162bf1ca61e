//! `fanfare trace`: what became of the events about one thing.

use crate::output::{say, say_json};
use crate::target::{EXIT_CODES, TargetArguments};
use crate::terminal::{BAD, DIM, GOOD, complain, harmless, styled};
use clap::Args;
use fanfare_operate::{Consumption, Standing, Trace, TracedEvent};
use std::error::Error;
use std::process::ExitCode;

#[derive(Args)]
#[command(after_help = format!("\
Examples:
  fanfare trace room-7
  fanfare trace room-7 --endpoint http://127.0.0.1:4566
  fanfare trace room-7 --json | jq '.events[].consumers[] | select(.outcome != \"done\")'

The correlation id is what an event is about: its envelope's correlationId. It reads the event store, the ledger and the
topic's subscriptions. A consumer that subscribes to an event is pending until the ledger says something of it.
{EXIT_CODES}"))]
pub(crate) struct TraceArguments {
    /// The correlation id
    #[arg(value_parser = correlation_id)]
    correlation: String,
    #[command(flatten)]
    target: TargetArguments,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The part of a key of DynamoDB's that an index has: it must hold something, and 1,024 bytes at the most
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>).
fn correlation_id(text: &str) -> Result<String, &'static str> {
    match (1..=1024).contains(&text.len()) {
        true => Ok(text.to_owned()),
        false => Err("expected 1 to 1024 bytes"),
    }
}

pub(crate) async fn trace(arguments: TraceArguments) -> Result<ExitCode, Box<dyn Error>> {
    let TraceArguments { correlation, target, json } = arguments;
    let Some(trace) = target.connect().await?.trace(&correlation).await? else {
        complain(&format!("no event is about {correlation}"));
        return Ok(ExitCode::FAILURE);
    };
    match json {
        true => say_json(&trace)?,
        false => say(&render(&trace))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A trace as it is shown.
pub fn render(trace: &Trace) -> String {
    let begun = trace.events.first().map_or(0, |event| event.timestamp.as_millisecond());
    let when = trace.events.first().map(|event| event.timestamp.to_string()).unwrap_or_default();
    let mut lines = vec![format!("{} {}", harmless(&trace.correlation_id), dim(&when))];
    for event in &trace.events {
        lines.push(told(event, trace, begun));
        if event.consumers.is_empty() {
            lines.push(format!("  {}", dim("└─ nobody subscribes to it")));
        }
        let last = event.consumers.len().saturating_sub(1);
        for (n, consumption) in event.consumers.iter().enumerate() {
            let branch = if n == last { "└─" } else { "├─" };
            lines.push(format!("  {} {}", dim(branch), consumed(consumption)));
        }
    }
    lines.join("\n")
}

/// What happened, how long after the first event, who says so and because of what.
fn told(event: &TracedEvent, trace: &Trace, begun: i64) -> String {
    let after = event.timestamp.as_millisecond() - begun;
    let cause =
        trace.events.iter().find(|other| Some(&other.event_id) == event.causation_id.as_ref());
    let because = cause.map(|cause| format!(" after {}", cause.event_type)).unwrap_or_default();
    let source = event.source.as_deref().map(|source| format!(" by {source}")).unwrap_or_default();
    let beside = dim(&harmless(&format!("{}{source}{because}", event.event_id)));
    format!("+{after} ms {} {beside}", harmless(&event.event_type))
}

fn consumed(consumption: &Consumption) -> String {
    let (style, standing) = match consumption.outcome {
        Standing::Done => (GOOD, "done"),
        Standing::Pending => (DIM, "pending"),
        Standing::Claimed => (DIM, "claimed"),
        Standing::Failed => (BAD, "failed"),
        Standing::DeadLettered => (BAD, "dead-lettered"),
    };
    let mut parts =
        vec![format!("{:<10} {}", harmless(&consumption.consumer), styled(style, standing))];
    parts.extend(consumption.after_ms.map(|after| format!("+{after} ms")));
    parts.extend(consumption.duration_ms.map(|took| format!("took {took} ms")));
    match consumption.attempts {
        0 => {}
        1 => parts.push("1 attempt".to_owned()),
        n => parts.push(format!("{n} attempts")),
    }
    parts.extend(consumption.did.as_deref().map(harmless));
    // What failed once and went well later is no news.
    let error = consumption.error.as_deref().filter(|_| consumption.outcome != Standing::Done);
    parts.extend(error.map(|error| styled(BAD, &harmless(error))));
    parts.join("  ")
}

fn dim(text: &str) -> String {
    styled(DIM, text)
}
