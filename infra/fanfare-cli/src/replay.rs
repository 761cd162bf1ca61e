//! `fanfare replay`

use crate::bar::Bar;
use crate::interrupt::{exit_code, stop_on_ctrl_c};
use crate::output::{say, say_json};
use crate::target::{EXIT_CODES, TargetArguments};
use crate::terminal::harmless;
use crate::time::time;
use clap::Args;
use clap::error::ErrorKind;
use fanfare_event::Timestamp;
use fanfare_event_store::{Filter, Place};
use fanfare_operate::{Action, Connection, ForcedReplay, OperateError, Selection};
use fanfare_replay::{Force, Replay, Replayed, Stack, Tally};
use serde_json::{Map, Value, json};
use std::error::Error;
use std::process::ExitCode;
use std::str::FromStr;

#[derive(Args)]
#[command(after_help = format!("\
Examples:
  fanfare replay --consumer climate                            all that it has missed so far
  fanfare replay --consumer climate --correlation room-7 --dry-run
  fanfare replay --consumer billing --from 2026-01-01T00:00:00Z --type TemperatureMeasured --rate 200

Sent are the events that the consumer subscribes to, to its queue alone, as SNS would. What it has applied already is not
sent, and counted. Events of more than 59 days ago that its ledger does not know are left out: nobody remembers whether they were
applied. It goes at 100 events a second, so that the consumer's newer events do not wait behind them; --rate changes that.

--force has applied events applied again, under ids of their own (ID:replay:REPLAY_ID), and sends the old ones too. What that
does to a consumer is said by the metadata of its function in the template; without it, --force is refused:
  Metadata: {{ Fanfare: {{ ForcedReplay: Harmless }} }}                           it changes nothing that is right
  Metadata: {{ Fanfare: {{ ForcedReplay: {{ Refused: why }} }} }}                   it must not be
  Metadata: {{ Fanfare: {{ ForcedReplay: {{ IfEmpty: TABLE, Because: why }} }} }}   it is right while a table is empty
With the same --replay-id each event is applied again once, however often the replay is run: one that was interrupted has
to go on under its own. An event that the first run was the first to apply counts as applied in the second.
{EXIT_CODES}"))]
pub(crate) struct ReplayArguments {
    /// The consumer, such as climate
    #[arg(long, value_name = "NAME")]
    consumer: String,
    /// Events that happened then or later
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Timestamp>,
    /// Events that happened before
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<Timestamp>,
    /// Events of this type; may be repeated
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Events with this correlation id
    #[arg(long, value_name = "ID")]
    correlation: Option<String>,
    /// Say what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Events a second at the most, or `unlimited`
    #[arg(long, value_name = "N", default_value = "100")]
    rate: Rate,
    /// Have events applied again that were applied already
    #[arg(long)]
    force: bool,
    /// The name of a replay by force; a new one without it
    #[arg(long, value_name = "ID", requires = "force")]
    replay_id: Option<String>,
    /// Go on where a replay of the same events stopped
    #[arg(long, value_name = "PLACE", value_parser = place)]
    resume: Option<Place>,
    #[command(flatten)]
    target: TargetArguments,
    /// Print JSON: counts by event type, as sent, forced, applied and tooOld; replayId with --force; resume where interrupted
    #[arg(long)]
    json: bool,
}

/// Events a second at the most; `None`: as fast as it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rate(Option<u32>);

impl FromStr for Rate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.parse()) {
            ("unlimited", _) => Ok(Self(None)),
            (_, Ok(rate @ 1..)) => Ok(Self(Some(rate))),
            (_, Ok(0) | Err(_)) => Err("expected a number from 1, or unlimited"),
        }
    }
}

impl ReplayArguments {
    /// Refuses to go on by force under a new name: what went already would be applied once more.
    fn check(&self) -> Result<(), clap::Error> {
        match self.force && self.resume.is_some() && self.replay_id.is_none() {
            false => Ok(()),
            true => Err(Self::augment_args(clap::Command::new("fanfare replay")).error(
                ErrorKind::MissingRequiredArgument,
                "--resume with --force needs the --replay-id of the replay that stopped",
            )),
        }
    }
}

fn place(text: &str) -> Result<Place, String> {
    text.parse().map_err(|error: fanfare_event_store::NoPlace| error.to_string())
}

/// Sends stored events to a consumer again.
pub(crate) async fn replay(arguments: ReplayArguments) -> Result<ExitCode, Box<dyn Error>> {
    if let Err(error) = arguments.check() {
        error.exit();
    }
    let stop = stop_on_ctrl_c()?;
    let ReplayArguments { types, force, replay_id, target, json, .. } = arguments;
    let replay_id = replay_id.unwrap_or_else(|| Timestamp::now().as_millisecond().to_string());
    let force = force.then(|| Force::named(&replay_id)).transpose()?;
    let replay = Replay {
        consumer: arguments.consumer,
        filter: Filter {
            from: arguments.from,
            to: arguments.to,
            types: Some(types).filter(|types| !types.is_empty()),
        },
        correlation_id: arguments.correlation,
        dry_run: arguments.dry_run,
        rate: arguments.rate.0,
        force,
        resume: arguments.resume,
    };
    let meant = Selection { id: replay.correlation_id.clone(), ..Selection::default() };
    let connection = target.connect().await?;
    warn(&replay, &connection).await?;
    // What is sent as it was is applied once at the most; only what is to be applied again changes anything.
    let record = match replay.force.is_some() && !replay.dry_run {
        true => Some(connection.put_on_record(Action::Replay, &replay.consumer, &meant).await?),
        false => None,
    };
    let stack = Stack::at(connection);
    let bar = Bar::new("looking for the consumer");
    let replayed = stack.replay(&replay, &bar, &stop).await;
    drop(bar);
    if let Some(record) = record {
        record.end(stop.is_requested(), &replayed, |replayed| replayed.total().sent()).await;
    }
    let replayed = replayed?;
    match json {
        true => say_json(&as_json(&replay, &replayed))?,
        false => show(&replay, &replayed)?,
    }
    if replayed.interrupted {
        eprintln!("interrupted; {}", replay.go_on(replayed.resume));
    }
    Ok(exit_code(replayed.interrupted, true))
}

/// Says by which name a replay by force goes on, and why it does no harm.
async fn warn(replay: &Replay, connection: &Connection) -> Result<(), OperateError> {
    let Some(force) = &replay.force else { return Ok(()) };
    eprintln!("replay id: {}", force.name());
    let consumer = connection.description().await?.roles.consumer(&replay.consumer);
    if let Some(ForcedReplay::Harmless(Some(why))) = consumer.map(|c| &c.forced_replay) {
        eprintln!("harmless for {}: {}", replay.consumer, harmless(why));
    }
    Ok(())
}

fn as_json(replay: &Replay, replayed: &Replayed) -> Value {
    let of = |tally: &Tally| {
        let Tally { fresh, forced, applied, too_old } = *tally;
        json!({"sent": fresh, "forced": forced, "applied": applied, "tooOld": too_old})
    };
    let types: Map<String, Value> =
        replayed.types.iter().map(|(name, tally)| (name.clone(), of(tally))).collect();
    let mut told = json!({
        "consumer": replay.consumer,
        "dryRun": replay.dry_run,
        "types": types,
        "total": of(&replayed.total()),
        "interrupted": replayed.interrupted,
    });
    if let Some(force) = &replay.force {
        told["replayId"] = json!(force.name());
    }
    if let Some(place) = &replayed.resume {
        told["resume"] = json!(place.to_string());
    }
    told
}

fn show(replay: &Replay, replayed: &Replayed) -> std::io::Result<()> {
    let did = if replay.dry_run { "would be sent" } else { "sent" };
    for (event_type, tally) in &replayed.types {
        let parts = [
            (tally.fresh, did.to_owned()),
            (tally.forced, format!("{did} to be applied again")),
            (tally.applied, "applied already, not sent".to_owned()),
            (tally.too_old, "too old, not sent".to_owned()),
        ];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0);
        let parts: Vec<_> = parts.map(|(count, what)| format!("{count} {what}")).collect();
        say(&format!("{}: {}", harmless(event_type), parts.join("; ")))?;
    }
    let total = replayed.total();
    say(&format!("{} events {did} to {}", total.sent(), replay.consumer))?;
    if total.too_old > 0 {
        say(&format!(
            "left out: {} events that the ledger may have forgotten; --force sends them",
            total.too_old
        ))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Replaying {
        #[command(flatten)]
        arguments: ReplayArguments,
    }

    fn rate(more: &[&str]) -> Option<Option<u32>> {
        let arguments = [&["replay", "--consumer", "climate"], more].concat();
        let parsed = Replaying::try_parse_from(arguments).ok()?;
        Some(parsed.arguments.rate.0)
    }

    #[test]
    fn a_replay_is_limited_unless_it_is_told_otherwise() {
        assert_eq!(rate(&[]), Some(Some(100)));
        assert_eq!(rate(&["--rate", "5"]), Some(Some(5)));
        assert_eq!(rate(&["--rate", "unlimited"]), Some(None));
        for wrong in ["0", "-1", "fast"] {
            assert_eq!(rate(&["--rate", wrong]), None, "{wrong}");
        }
    }
}
