//! `fanfare trace`: the way of an order through the consumers.

use crate::output::{say, say_json};
use crate::target::{EXIT_CODES, TargetArguments};
use crate::terminal::{BAD, DIM, GOOD};
use anstyle::Style;
use clap::Args;
use fanfare_bootstrap::Environment;
use fanfare_operate::{Api, Consumption, OrderId, Standing, Trace, TracedEvent};
use std::error::Error;
use std::process::ExitCode;

#[derive(Args)]
#[command(after_help = format!("\
Examples:
  fanfare trace ord_0198f2c47a51
  fanfare trace ord_0198f2c47a51 --endpoint http://127.0.0.1:4566
  fanfare trace ord_0198f2c47a51 --api https://abc.execute-api.eu-west-1.amazonaws.com --json

It reads the event store, the ledger and the topic's subscriptions; with --api it asks the API instead, signed with
the credentials of the environment, or with the token in FANFARE_TOKEN.
{EXIT_CODES}"))]
pub(crate) struct TraceArguments {
    /// The order's id
    #[arg(value_parser = |id: &str| OrderId::new(id))]
    order: OrderId,
    #[command(flatten)]
    target: TargetArguments,
    /// Ask the HTTP API at this address instead of the tables
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// Print JSON: what `GET /orders/ORDER/trace` answers
    #[arg(long)]
    json: bool,
}

pub(crate) async fn trace(arguments: TraceArguments) -> Result<ExitCode, Box<dyn Error>> {
    let TraceArguments { order, target, api, json } = arguments;
    let trace = match api {
        Some(api) => {
            let api = Api::open(&api, &target.target(), &Environment::of_process()).await?;
            api.trace(&order).await?
        }
        None => target.connect().await?.trace(&order).await?,
    };
    let Some(trace) = trace else {
        let (bad, reset) = (BAD.render(), BAD.render_reset());
        anstream::eprintln!("{bad}error:{reset} there is no order {order}");
        return Ok(ExitCode::FAILURE);
    };
    if json {
        say_json(&trace)?;
    } else {
        say(&render(&trace))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn render(trace: &Trace) -> String {
    let begun = trace.events.first().map_or(0, |event| event.timestamp.as_millisecond());
    let when = trace.events.first().map(|event| event.timestamp.to_string()).unwrap_or_default();
    let mut lines = vec![format!("{} {}", trace.order_id, dim(&when))];
    for event in &trace.events {
        lines.push(told(event, trace, begun));
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
    let beside = dim(&format!("{}{source}{because}", event.event_id));
    format!("+{after} ms {} {beside}", event.event_type)
}

fn consumed(consumption: &Consumption) -> String {
    let (style, standing) = match consumption.outcome {
        Standing::Done => (GOOD, "done"),
        Standing::Pending => (DIM, "pending"),
        Standing::Claimed => (DIM, "claimed"),
        Standing::Failed => (BAD, "failed"),
        Standing::DeadLettered => (BAD, "dead-lettered"),
    };
    let mut parts = vec![format!("{:<10} {}", consumption.consumer, styled(style, standing))];
    parts.extend(consumption.after_ms.map(|after| format!("+{after} ms")));
    parts.extend(consumption.duration_ms.map(|took| format!("took {took} ms")));
    match consumption.attempts {
        0 => {}
        1 => parts.push("1 attempt".to_owned()),
        n => parts.push(format!("{n} attempts")),
    }
    parts.extend(consumption.did.clone());
    // What failed once and went well later is no news.
    let error = consumption.error.clone().filter(|_| consumption.outcome != Standing::Done);
    parts.extend(error.map(|error| styled(BAD, &error)));
    parts.join("  ")
}

fn dim(text: &str) -> String {
    styled(DIM, text)
}

fn styled(style: Style, text: &str) -> String {
    format!("{}{text}{}", style.render(), style.render_reset())
}
