//! `fanfare store place`: orders from a file to the HTTP API.

mod orders;
mod placing;

use crate::api::ApiArguments;
use clap::Args;
use fanfare_cli::output::{escaped, say};
use fanfare_cli::terminal::{BAD, GOOD, harmless, styled};
use fanfare_cli::{Bar, EXIT_CODES, exit_code, stop_on_ctrl_c};
use fanfare_operate::{OperateError, Progress};
use futures_util::{StreamExt, pin_mut};
use orders::read_orders;
use placing::{Placed, Placing};
use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args)]
#[command(after_help = format!("\
Examples:
  fanfare store place orders.ndjson
  jq -c '.orders[]' export.json | fanfare store place -
  fanfare store place orders.json --stack fanfare-prod --region eu-central-1
  fanfare store place orders.json --api https://abc.execute-api.eu-west-1.amazonaws.com

The file holds one order, an array of orders, or orders one after the other. An order's prices are those of the
store's catalogue: one that names another is refused. Each is posted with an idempotency key
made of its content: typed again within a day, after an interruption or with more orders added, it places nothing
twice. To place the same orders once more, give another --key.

Without --api, --stack, --region, --endpoint and AWS_ENDPOINT_URL, the orders go to `fanfare store up` on this machine. With one
of the last four the stack's output ApiUrl says where. Calls carry the token in FANFARE_TOKEN or, without one, IAM's signature
by the credentials of the environment; to `fanfare store up` they go with a token of its own, as staff. With --json each order's result is a line.
{EXIT_CODES}"))]
pub(crate) struct PlaceArguments {
    /// The file with the orders; `-` is standard input
    file: PathBuf,
    #[command(flatten)]
    api: ApiArguments,
    /// What the idempotency keys begin with
    #[arg(long, value_name = "TEXT", value_parser = key)]
    key: Option<String>,
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
    let PlaceArguments { file, api, key, json } = arguments;
    let orders = read_orders(&read(&file)?, key.as_deref())?;
    let address = api.address().await?;
    anstream::eprintln!("posting to {address}");
    let api = api.open_at(&address).await?;
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
        bar.say(&if json { escaped(&serde_json::to_string(&result)?) } else { line(&result) })?;
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
    let number = result.number;
    match &result.placing {
        Placing::Placed { order_id } => {
            format!("order {number}: {} {}", styled(GOOD, "placed"), harmless(order_id))
        }
        Placing::Refused { status, reason } => {
            format!("order {number}: {} {status} {}", styled(BAD, "refused"), harmless(reason))
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
