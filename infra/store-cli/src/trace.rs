//! `fanfare store trace`: the way of an order through the consumers, as the HTTP API tells it.

use crate::api::{ApiArguments, ApiError};
use clap::Args;
use fanfare_cli::output::{say, say_json};
use fanfare_cli::terminal::complain;
use fanfare_cli::{EXIT_CODES, trace::render};
use fanfare_trace::{Trace, TracedEvent};
use serde::Deserialize;
use std::error::Error;
use std::process::ExitCode;

#[derive(Args)]
#[command(after_help = format!("\
Examples:
  fanfare store trace ord_0198f2c47a51
  fanfare store trace ord_0198f2c47a51 --api https://abc.execute-api.eu-west-1.amazonaws.com --json

It needs nothing but the HTTP API; `fanfare trace ORDER` reads the tables instead.
{EXIT_CODES}"))]
pub(crate) struct TraceArguments {
    /// The order's id
    order: String,
    #[command(flatten)]
    api: ApiArguments,
    /// Print JSON: what `GET /orders/ORDER/trace` answers
    #[arg(long)]
    json: bool,
}

/// What the API answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderTrace {
    order_id: String,
    events: Vec<TracedEvent>,
}

pub(crate) async fn trace(arguments: TraceArguments) -> Result<ExitCode, Box<dyn Error>> {
    let TraceArguments { order, api, json } = arguments;
    let answer = api.open().await?.get(&format!("/orders/{order}/trace")).await;
    let answer = match answer {
        Err(ApiError::Refused { status: 404, .. }) => {
            complain(&format!("there is no order {order}"));
            return Ok(ExitCode::FAILURE);
        }
        answer => answer?,
    };
    if json {
        say_json(&answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    let OrderTrace { order_id, events } =
        serde_json::from_value(answer).map_err(ApiError::Malformed)?;
    say(&render(&Trace { correlation_id: order_id, events }))?;
    Ok(ExitCode::SUCCESS)
}
