//! `fanfare send`: announces one event by hand, and shows what became of it.

use crate::output::{say, say_json};
use crate::target::{EXIT_CODES, TargetArguments};
use crate::terminal::complain;
use crate::trace::render;
use clap::Args;
use fanfare_event::{Catalogue, EventDescription};
use fanfare_operate::{Action, Connection, Selection, Standing, Trace, is_local};
use fanfare_template::{Inputs, Template};
use serde_json::Value;
use std::error::Error;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Where the runner is unless something else is said.
const RUNNER: &str = "http://127.0.0.1:4566";
/// How often the consumers are looked at.
const LOOK: Duration = Duration::from_millis(100);

#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  fanfare send TemperatureMeasured '{{\"room\":\"attic\",\"celsius\":31}}'
  fanfare send TemperatureMeasured @samples/temperature-measured.json
  jq -n '{{room:\"attic\",celsius:31}}' | fanfare send TemperatureMeasured -

Without --endpoint and AWS_ENDPOINT_URL it goes to `fanfare up` at {RUNNER}, not to AWS.
The event is appended to the event store, at the end of its stream, and announced like any other. What it is about follows from
the catalogue that the template names.
{EXIT_CODES}"))]
pub(crate) struct SendArguments {
    /// The event, such as TemperatureMeasured
    event: String,
    /// Its payload: JSON, @FILE, or - for standard input
    payload: String,
    #[command(flatten)]
    target: TargetArguments,
    /// How long its consumers are waited for, in seconds; 0 waits for none
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,
    /// Send it although the stack is not on this machine
    #[arg(long)]
    yes: bool,
    /// Print the trace as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn send(arguments: SendArguments) -> Result<ExitCode, Box<dyn Error>> {
    let target = arguments.target.or_endpoint(RUNNER);
    let here = target.endpoint().is_some_and(|endpoint| is_local(&endpoint) == Some(true));
    if !here && !arguments.yes {
        return Err(
            "the stack is not on this machine, and an event can't be taken back: --yes sends it"
                .into(),
        );
    }
    let payload = payload(&arguments.payload)?;
    let connection = target.connect().await?;
    let description = connection.description().await?;
    let event = described(&arguments.event, Path::new(&description.template))?;
    let none = Selection::default();
    let record = connection.put_on_record(Action::Send, &arguments.event, &none).await?;
    let announced = connection.announce(&event, &payload).await;
    record.end(false, &announced, |_| 1).await;
    let envelope = announced?;
    let correlation = envelope.correlation_id.unwrap_or_default();
    let patience = Duration::from_secs(arguments.wait);
    let (trace, settled) = settled(&connection, &correlation, patience).await?;
    let Some(trace) = trace else {
        return Err(format!("the event store has nothing about {correlation}").into());
    };
    match arguments.json {
        true => say_json(&trace)?,
        false => say(&render(&trace))?,
    }
    if settled || patience.is_zero() {
        return Ok(ExitCode::SUCCESS);
    }
    complain(&format!(
        "not every consumer is done after {} s: fanfare trace {correlation}",
        arguments.wait
    ));
    Ok(ExitCode::FAILURE)
}

fn payload(given: &str) -> Result<Value, Box<dyn Error>> {
    let (name, text) = match given.strip_prefix('@') {
        Some(file) => {
            let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
            (file, text)
        }
        None if given == "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            ("standard input", text)
        }
        None => ("the payload", given.to_owned()),
    };
    serde_json::from_str(&text).map_err(|error| format!("{name} is no JSON: {error}").into())
}

/// What the catalogue of a template says of an event.
fn described(event: &str, template: &Path) -> Result<EventDescription, Box<dyn Error>> {
    let text = std::fs::read_to_string(template)
        .map_err(|error| format!("{}: {error}", template.display()))?;
    let read = Template::read(&text, &Inputs::default())?;
    let file = read.catalogue_file(template).ok_or_else(|| {
        format!(
            "{} names no catalogue of events: Metadata: {{ Fanfare: {{ Catalogue: catalogue.json }} }}",
            template.display()
        )
    })?;
    let catalogue = Catalogue::read(&file)?;
    let known = || catalogue.types().collect::<Vec<_>>().join(", ");
    let found = catalogue.get(event).cloned();
    found.ok_or_else(|| format!("there is no event {event}; there are {}", known()).into())
}

/// The trace once no consumer has anything to do any more, or once that was waited for too long; and which of both.
///
/// Events are read before the ledger. So a consumer that commits in between is done, and what it announced is not there yet: only a
/// second look that shows no more events is the end.
async fn settled(
    connection: &Connection,
    correlation: &str,
    patience: Duration,
) -> Result<(Option<Trace>, bool), Box<dyn Error>> {
    let begun = Instant::now();
    let mut events_when_settled = None;
    loop {
        let trace = connection.trace(correlation).await?;
        let is_settled = trace.as_ref().is_some_and(|trace| {
            let mut consumers = trace.events.iter().flat_map(|event| &event.consumers);
            consumers.all(|one| matches!(one.outcome, Standing::Done | Standing::DeadLettered))
        });
        let events = trace.as_ref().filter(|_| is_settled).map(|trace| trace.events.len());
        let is_the_end = events.is_some() && events == events_when_settled;
        if is_the_end || begun.elapsed() >= patience {
            return Ok((trace, is_settled));
        }
        events_when_settled = events;
        sleep(LOOK).await;
    }
}
