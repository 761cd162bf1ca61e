//! `fanfare place`: orders from a file to the HTTP API.

use crate::bar::Bar;
use crate::interrupt::{exit_code, stop_on_ctrl_c};
use crate::output::say;
use crate::target::{EXIT_CODES, TargetArguments};
use crate::terminal::{BAD, GOOD};
use clap::Args;
use fanfare_bootstrap::Environment;
use fanfare_operate::{Api, OperateError, Placed, Placing, Progress, RUNNER_API, read_orders};
use futures_util::{StreamExt, pin_mut};
use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args)]
#[command(after_help = format!("\
Examples:
  fanfare place orders.ndjson
  jq -c '.orders[]' export.json | fanfare place -
  fanfare place orders.json --stack fanfare-prod --region eu-central-1
  fanfare place orders.json --api https://abc.execute-api.eu-west-1.amazonaws.com

The file holds one order, an array of orders, or orders one after the other. Each is posted with an idempotency key
made of its content: typed again within a day, after an interruption or with more orders added, it places nothing
twice. To place the same orders once more, give another --key.

Without --api, --stack, --region, --endpoint and AWS_ENDPOINT_URL, the orders go to `fanfare up` on this machine. With one of
the last four the stack's output ApiUrl says where. Calls carry the token in FANFARE_TOKEN or, without one, IAM's signature
by the credentials of the environment; those to `fanfare up` are plain. With --json each order's result is a line.
{EXIT_CODES}"))]
pub(crate) struct PlaceArguments {
    /// The file with the orders; `-` is standard input
    file: PathBuf,
    /// Where the HTTP API is, if the stack does not tell; http://127.0.0.1:8080 for `fanfare up`
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// What the idempotency keys begin with
    #[arg(long, value_name = "TEXT", value_parser = key)]
    key: Option<String>,
    #[command(flatten)]
    target: TargetArguments,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A header's value, short enough for the API's limit of 255 bytes with the rest of the key.
fn key(text: &str) -> Result<String, String> {
    let allowed = |b: u8| b.is_ascii_graphic();
    match (1..=200).contains(&text.len()) && text.bytes().all(allowed) {
        true => Ok(text.to_owned()),
        false => Err("expected 1 to 200 printable characters of ASCII, without spaces".to_owned()),
    }
}

pub(crate) async fn place(arguments: PlaceArguments) -> Result<ExitCode, Box<dyn Error>> {
    let PlaceArguments { file, api, key, target, json } = arguments;
    let orders = read_orders(&read(&file)?, key.as_deref())?;
    let environment = Environment::of_process();
    let api = match api {
        Some(api) => api,
        None if target.is_given(&environment) => target.connect().await?.api_url().await?,
        None => RUNNER_API.to_owned(),
    };
    anstream::eprintln!("posting to {api}");
    let api = Api::open(&api, &target.target(), &environment).await?;
    let stop = stop_on_ctrl_c()?;
    let bar = Bar::new("placing orders");
    bar.expect(orders.len() as u64);
    let placing = api.place(&orders, &stop);
    pin_mut!(placing);
    let (mut placed, mut refused) = (0_u64, 0_u64);
    while let Some(result) = placing.next().await {
        let result = result?;
        match &result.placing {
            Placing::Placed { .. } => placed += 1,
            Placing::Refused { .. } => refused += 1,
        }
        bar.say(&if json { serde_json::to_string(&result)? } else { line(&result) })?;
        bar.advance(1);
    }
    drop(bar);
    if !json {
        say(&summary(placed, refused, orders.len() as u64))?;
    }
    let stopped = stop.is_requested() && placed + refused < orders.len() as u64;
    Ok(exit_code(stopped, refused == 0))
}

fn read(file: &Path) -> Result<String, OperateError> {
    let unread =
        |source| OperateError::File { what: format!("{} can't be read", file.display()), source };
    if file != Path::new("-") {
        return std::fs::read_to_string(file).map_err(unread);
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(unread)?;
    Ok(text)
}

fn line(result: &Placed) -> String {
    let (good, bad) = (GOOD.render(), BAD.render());
    let reset = GOOD.render_reset();
    let number = result.number;
    match &result.placing {
        Placing::Placed { order_id } => format!("order {number}: {good}placed{reset} {order_id}"),
        Placing::Refused { status, reason } => {
            format!("order {number}: {bad}refused{reset} {status} {reason}")
        }
    }
}

fn summary(placed: u64, refused: u64, all: u64) -> String {
    let mut text = format!("{placed} placed, {refused} refused");
    if placed + refused < all {
        text += &format!(", {} not posted: typing it again goes on", all - placed - refused);
    }
    text
}
