//! `fanfare new`: a project, an event in it, a consumer in it, a function of another kind.

use clap::{Args, Subcommand};
use fanfare_new::{
    Changes, CrateName, EventName, Fanfare, Field, Layout, NewConsumer, NewError, NewEvent,
    NewFunction, NewProject, Schedule, TableKey,
};
use std::env::current_dir;
use std::error::Error;
use std::path::{Path, PathBuf};

/// What is to be new.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Examples:
  fanfare new greenhouse && cd greenhouse
  fanfare new event TemperatureMeasured room:String celsius:f64
  fanfare new consumer climate --on TemperatureMeasured --emits AcSwitched --table rooms:room
  fanfare new function report --schedule 'rate(1 day)'

Nothing is written unless all of it can be: what is refused has changed nothing.
Exit codes: 0 done, or there was nothing to do; 1 refused; 2 wrong arguments."
)]
pub(crate) struct NewArguments {
    /// The project's name, and its folder's
    #[arg(value_name = "NAME", required = true)]
    name: Option<CrateName>,
    /// Take Fanfare from a folder that holds its repository [default: the one that this command was built from, while it
    /// is there; else the registry]
    #[arg(long, value_name = "FOLDER", conflicts_with = "git")]
    path: Option<PathBuf>,
    /// Take Fanfare from a git repository
    #[arg(long, value_name = "URL")]
    git: Option<String>,
    /// Show what would change, and write nothing
    #[arg(long, global = true)]
    dry_run: bool,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Declare an event in the project that this folder is in
    Event(EventArguments),
    /// Add a consumer to the project that this folder is in: its code, its test, and its part of the template
    Consumer(ConsumerArguments),
    /// Add a function that a schedule calls: its code, its test, and its part of the template
    Function(FunctionArguments),
}

#[derive(Debug, Args)]
struct FunctionArguments {
    /// Its name, such as report
    name: CrateName,
    /// When it is called, such as 'rate(5 minutes)' or 'cron(0 6 * * ? *)', in UTC
    #[arg(long, value_name = "SCHEDULE")]
    schedule: Schedule,
}

#[derive(Debug, Args)]
struct EventArguments {
    /// Its name: what happened, in the past tense, such as TemperatureMeasured
    name: EventName,
    /// What is told of it, such as room:String. The first one is what it is about: events about the same are one stream
    #[arg(value_name = "FIELD:TYPE", required = true)]
    fields: Vec<Field>,
    /// What happened, as a sentence [default: the words of its name]
    #[arg(long, value_name = "TEXT")]
    summary: Option<String>,
    /// What its stream's name begins with [default: what it is about]
    #[arg(long, value_name = "NAME")]
    stream: Option<CrateName>,
}

#[derive(Debug, Args)]
struct ConsumerArguments {
    /// Its name, such as climate
    name: CrateName,
    /// The event that it acts on
    #[arg(long, value_name = "EVENT")]
    on: EventName,
    /// An event that it announces; one that does not exist is declared
    #[arg(long, value_name = "EVENT")]
    emits: Option<EventName>,
    /// A table that it keeps, and the field of the event that is its key, such as rooms:room
    #[arg(long, value_name = "TABLE:FIELD")]
    table: Option<TableKey>,
}

/// Writes it, and says what was written and what comes next.
pub(crate) fn new(arguments: NewArguments) -> Result<(), Box<dyn Error>> {
    let dry_run = arguments.dry_run;
    let (changes, next) = match (arguments.part, arguments.name) {
        (Some(Part::Event(event)), _) => {
            let next = format!(
                "fanfare send {} @{} announces it, while `fanfare up` runs",
                event.name,
                event.name.sample()
            );
            let event = NewEvent {
                name: event.name,
                summary: event.summary,
                fields: event.fields,
                stream: event.stream.map(|stream| stream.to_string()),
            };
            (event.changes(&here()?)?, next)
        }
        (Some(Part::Consumer(consumer)), _) => {
            let ConsumerArguments { name, on, emits, table } = consumer;
            let next =
                format!("its handler is functions/{name}/src/lib.rs; cargo test --package {name}");
            (NewConsumer { name, on, emits, table }.changes(&here()?)?, next)
        }
        (Some(Part::Function(FunctionArguments { name, schedule })), _) => {
            let next =
                format!("its handler is functions/{name}/src/lib.rs; cargo test --package {name}");
            (NewFunction { name, schedule }.changes(&here()?)?, next)
        }
        (None, Some(name)) => {
            let next = format!("cd {name} && make run");
            let folder = current_dir()?.join(name.to_string());
            let fanfare = source(arguments.path, arguments.git)?;
            (NewProject { name, fanfare }.changes(&folder)?, next)
        }
        (None, None) => return Err("NAME, `event`, `consumer` or `function` is missing".into()),
    };
    if dry_run {
        anstream::print!("{}", relative(&changes)?.diff());
        return Ok(());
    }
    changes.apply()?;
    report(&changes, &next);
    Ok(())
}

fn here() -> Result<Layout, Box<dyn Error>> {
    Ok(Layout::find(&current_dir()?)?)
}

/// Where a new project takes Fanfare from.
fn source(path: Option<PathBuf>, git: Option<String>) -> Result<Fanfare, Box<dyn Error>> {
    let holds = |folder: &Path| folder.join("shared/fanfare/Cargo.toml").is_file();
    let built_from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    match (path, git) {
        (Some(folder), _) => {
            let folder = std::fs::canonicalize(&folder).map_err(NewError::file(&folder))?;
            if holds(&folder) { Ok(Fanfare::Path(folder)) } else { Err(not_fanfare(&folder)) }
        }
        (None, Some(url)) => Ok(Fanfare::Git(url)),
        (None, None) if holds(built_from) => Ok(Fanfare::Path(std::fs::canonicalize(built_from)?)),
        (None, None) => Ok(Fanfare::Version),
    }
}

fn not_fanfare(folder: &Path) -> Box<dyn Error> {
    format!(
        "--path {}: it holds no shared/fanfare; name the folder of Fanfare's repository",
        folder.display()
    )
    .into()
}

/// The same with files as they are named from here.
fn relative(changes: &Changes) -> Result<Changes, Box<dyn Error>> {
    Ok(changes.relative_to(&current_dir()?))
}

fn report(changes: &Changes, next: &str) {
    let here = current_dir().unwrap_or_default();
    if changes.is_empty() {
        anstream::println!("There is nothing to do: it is there already.");
        return;
    }
    for change in changes.relative_to(&here).iter() {
        let did = if change.before.is_some() { "changed" } else { "wrote  " };
        anstream::println!("  {did} {}", change.file.display());
    }
    anstream::println!("\nNext: {next}");
}
