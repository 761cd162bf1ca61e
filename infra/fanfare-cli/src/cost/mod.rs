//! `fanfare cost`: what a month on AWS costs, from what was counted here.

mod bill;
mod prices;

use crate::output::{say, say_json, table};
use crate::target::EXIT_CODES;
use crate::terminal::harmless;
use bill::{Bill, Position};
use clap::Args;
use fanfare_bootstrap::Environment;
use fanfare_local::Usage;
use fanfare_operate::{HttpClient, is_local};
use http::Request;
use prices::Prices;
use serde_json::json;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Where `fanfare up` is, unless it is said.
const ENDPOINT: &str = "http://127.0.0.1:4566";
/// How long its answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Args)]
#[command(after_help = format!("\
Examples:
  fanfare cost                                              what was counted so far, as it is
  fanfare cost --per TemperatureMeasured --a-month 1000000
  fanfare cost --per 'POST /orders' --a-month 1000000 --prices eu-central-1.json
  fanfare cost --print-prices > prices.json                 the list that is built in, to be changed

Let `fanfare up` do what is usual for you, and a few hundred times: the more, the fuller the batches, and the cheaper each.
DynamoDB's units, requests, mails and bytes of logs are counted as AWS counts them. The time of functions is this machine's:
DynamoDB answers sooner here than on AWS, and a dev build is slower than a release build.
Not in it: storage, traffic out of AWS, alarms and dashboards, PartiQL's units, AWS's free tier, and what Lambda asks of empty queues: on
AWS five long polls at a time for each queue, 0.26 USD a month (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html).
{EXIT_CODES}"))]
pub(crate) struct CostArguments {
    /// What a month is counted in: an event type, or a route of the HTTP API such as 'POST /orders'
    #[arg(long, value_name = "WHAT", requires = "a_month")]
    per: Option<String>,
    /// How many of those a month has
    #[arg(long, value_name = "COUNT", requires = "per", value_parser = clap::value_parser!(u64).range(1..))]
    a_month: Option<u64>,
    /// A price list, as --print-prices prints one
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Print the price list that is built in, and do nothing else
    #[arg(long)]
    print_prices: bool,
    /// Where `fanfare up` is; without it AWS_ENDPOINT_URL, or http://127.0.0.1:4566
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Print JSON: of, times, prices, bill
    #[arg(long)]
    json: bool,
}

/// Why there is no bill.
#[derive(Debug, thiserror::Error)]
enum CostError {
    #[error("{endpoint} is not on this machine: only `fanfare up` counts what things cost")]
    NotLocal { endpoint: String },
    #[error("no `fanfare up` answers at {endpoint}: start it, or say with --endpoint where it is")]
    Unanswered {
        endpoint: String,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    #[error("at {endpoint} is no `fanfare up` that counts what things cost")]
    NoRunner { endpoint: String },
    #[error("{what} did not happen since `fanfare up` started; what did: {happened}")]
    NotHappened { what: String, happened: String },
}

pub(crate) async fn cost(arguments: CostArguments) -> Result<ExitCode, Box<dyn Error>> {
    if arguments.print_prices {
        say(Prices::built_in().trim_end())?;
        return Ok(ExitCode::SUCCESS);
    }
    let prices = Prices::read(arguments.prices.as_deref())?;
    let of_process = Environment::of_process();
    let endpoint =
        arguments.endpoint.as_deref().or_else(|| of_process.optional("AWS_ENDPOINT_URL"));
    let usage = ask(endpoint.unwrap_or(ENDPOINT)).await?;
    let times = match (&arguments.per, arguments.a_month) {
        (Some(per), Some(count)) => times(&usage, per, count)?,
        _ => 1.0,
    };
    let bill = Bill::of(&usage, times, &prices);
    if arguments.json {
        let (region, date) = (&prices.region, &prices.date);
        let prices = json!({"region": region, "date": date, "source": prices.source});
        say_json(
            &json!({"occasions": usage.occasions, "times": times, "prices": prices, "bill": bill}),
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    say(&render(&arguments, &usage, &prices, &bill))?;
    Ok(ExitCode::SUCCESS)
}

async fn ask(endpoint: &str) -> Result<Usage, CostError> {
    let endpoint = endpoint.trim_end_matches('/').to_owned();
    if is_local(&endpoint) != Some(true) {
        return Err(CostError::NotLocal { endpoint });
    }
    let unanswered = |source| CostError::Unanswered { endpoint: endpoint.clone(), source };
    let request = Request::get(format!("{endpoint}/_fanfare/usage")).body(String::new());
    let request = request.map_err(|error| unanswered(error.into()))?;
    let answer = HttpClient::default().call(request, PATIENCE).await.map_err(unanswered)?;
    serde_json::from_slice(answer.body()).map_err(|_| CostError::NoRunner { endpoint })
}

/// How often a month has what was counted.
fn times(usage: &Usage, per: &str, a_month: u64) -> Result<f64, CostError> {
    match usage.occasions.get(per) {
        Some(counted) if *counted > 0 => Ok(real(a_month) / real(*counted)),
        _ => {
            let happened: Vec<_> = usage.occasions.keys().map(|what| harmless(what)).collect();
            let happened =
                if happened.is_empty() { "nothing".to_owned() } else { happened.join(", ") };
            Err(CostError::NotHappened { what: harmless(per), happened })
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a bill is not exact to 2^-53")]
fn real(count: u64) -> f64 {
    count as f64
}

fn render(arguments: &CostArguments, usage: &Usage, prices: &Prices, bill: &Bill) -> String {
    let what = match (&arguments.per, arguments.a_month) {
        (Some(per), Some(a_month)) => {
            let counted = usage.occasions.get(per).copied().unwrap_or_default();
            let per = harmless(per);
            format!("A month of {a_month} {per}, from {counted} that were counted here")
        }
        _ => "What was counted here".to_owned(),
    };
    let Prices { region, date, source, .. } = prices;
    let (region, date, source) = (harmless(region), harmless(date), harmless(source));
    let mut text = format!("{what}, at the prices of {region} in {date}\n({source}):\n\n");
    text += &positions("service", bill, &bill.by_service);
    text += "\n\n";
    text += &positions("caused by", bill, &bill.by_function);
    text += &format!("\n\n{} in all", usd(bill.total));
    if let Some(greatest) = &bill.greatest {
        text += &format!(", most of it for {} ({})", harmless(&greatest.name), usd(greatest.usd));
    }
    text
}

fn positions(header: &str, bill: &Bill, positions: &[Position]) -> String {
    let share = |position: &Position| match 100.0 * position.usd / bill.total {
        little if little < 1.0 => "< 1 %".to_owned(),
        share => format!("{share:.0} %"),
    };
    let rows = positions
        .iter()
        .map(|position| [harmless(&position.name), usd(position.usd), share(position)]);
    table([header, "USD", "share"], rows)
}

/// Dollars, to the cent where there are any.
fn usd(amount: f64) -> String {
    if amount < 1.0 { format!("{amount:.4}") } else { format!("{amount:.2}") }
}
