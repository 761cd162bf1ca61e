//! `fanfare queues`: how full every queue is.

use crate::output::{escaped, say, say_alone, say_json, table};
use crate::target::{EXIT_CODES, TargetArguments};
use crate::terminal::{self, harmless};
use clap::Args;
use fanfare_operate::QueueLine;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Args)]
#[command(after_help = format!("\
Examples:
  fanfare queues
  fanfare queues --watch
  fanfare queues --endpoint http://127.0.0.1:4566 --json
  fanfare queues --stack home-prod --region eu-central-1 --template service/template.yaml

The counts are SQS's, which on AWS may lag by a minute.
{EXIT_CODES}"))]
pub(crate) struct QueuesArguments {
    #[command(flatten)]
    target: TargetArguments,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Look again every so many seconds, until Ctrl-C
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2",
        value_parser = clap::value_parser!(u64).range(1..))]
    watch: Option<u64>,
}

pub(crate) async fn queues(arguments: QueuesArguments) -> Result<ExitCode, Box<dyn Error>> {
    let connection = arguments.target.connect().await?;
    loop {
        let lines = connection.queue_lines().await?;
        match (arguments.json, arguments.watch) {
            (true, None) => say_json(&lines)?,
            (true, Some(_)) => say(&escaped(&serde_json::to_string(&lines)?))?,
            (false, Some(_)) if terminal::is_fancy() => say_alone(&render(&lines))?,
            (false, _) => say(&render(&lines))?,
        }
        let Some(seconds) = arguments.watch else { return Ok(ExitCode::SUCCESS) };
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
}

fn render(lines: &[QueueLine]) -> String {
    let row = |line: &QueueLine| {
        let of_queue =
            |count: u64| line.queue.as_ref().map_or(String::new(), |_| count.to_string());
        let dead = line.dead_letter_queue.as_ref().map_or(String::new(), |_| line.dead.to_string());
        [
            harmless(&line.consumer),
            of_queue(line.counts.waiting),
            of_queue(line.counts.in_flight),
            of_queue(line.counts.delayed),
            dead,
        ]
    };
    table(["consumer", "waiting", "in flight", "delayed", "dead"], lines.iter().map(row))
}
