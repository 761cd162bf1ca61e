//! A consumer in a template: a block of text after the last resource. What was there stays as it is, comments included.

use crate::blocks::section_of;
use crate::sibling::{Insertion, Sibling};
use crate::{CrateName, NewError, NewFunction, Schedule, TableKey};
use fanfare_event::Catalogue;
use fanfare_lint::{CatalogueFile, Options, Project};
use fanfare_template::roles::Roles;
use fanfare_template::{Inputs, Template};
use std::path::Path;

/// What is known of the consumer.
pub(crate) struct Block<'a> {
    pub(crate) name: &'a CrateName,
    /// What its resources' logical ids begin with.
    pub(crate) id: &'a str,
    pub(crate) on: &'a str,
    /// The streams of the event that it announces, as a role names them: `room-*`.
    pub(crate) announces: Option<&'a str>,
    pub(crate) table: Option<&'a TableKey>,
    /// The events that there are, its own included.
    pub(crate) catalogue: &'a Catalogue,
}

/// Ends of events that lead nowhere in the template, which is then said there.
#[derive(Clone, Copy, Default)]
struct LooseEnds {
    /// No function announces what it acts on.
    unannounced: bool,
    /// No consumer acts on what it announces.
    unheard: bool,
}

#[derive(askama::Template)]
#[template(path = "consumer/template.yaml.txt", escape = "none")]
struct Resources<'a> {
    block: &'a Block<'a>,
    topic: &'a str,
    ledger: &'a str,
    event_store: &'a str,
    /// Whether there is somebody to tell of alarms, and no other consumer whose alarms are copied.
    watched: bool,
    alarms: &'a [String],
    loose: LooseEnds,
    /// What the filter takes: a list of types, or where it is.
    types: &'a str,
    /// The folder of its code.
    code: &'a str,
}

/// The template with the consumer in it.
///
/// # Errors
/// [`NewError::Template`] when it has no topic, ledger or event store, has such a resource already, or can't be read.
pub(crate) fn with_consumer(
    template: &Path,
    text: &str,
    block: &Block<'_>,
) -> Result<String, NewError> {
    let refused = |problem: String| NewError::Template { template: template.to_owned(), problem };
    let roles = roles(text).map_err(refused)?;
    let role = |found: &Option<String>, name: &str, variable: &str| {
        found.clone().ok_or_else(|| {
            refused(format!(
                "it has no {name}: a resource says that it is the one by Metadata: {{ Fanfare: {{ Role: {name} }} }}, \
                 or is called {variable} by a function"
            ))
        })
    };
    let sibling = Sibling::of(text, &roles);
    let sibling = sibling.as_ref();
    let types = match sibling.and_then(|sibling| sibling.types.as_ref()) {
        Some((mapping, key)) => format!("!FindInMap [{mapping}, {}, {key}]", block.name),
        None => format!("[{}]", block.on),
    };
    let alarms = sibling.map(|sibling| sibling.alarms(text, block.name)).unwrap_or_default();
    let mut resources = Resources {
        block,
        topic: &role(&roles.topic, "topic", "EVENTS_TOPIC")?,
        ledger: &role(&roles.ledger, "ledger", "LEDGER_TABLE")?,
        event_store: &role(&roles.event_store, "event-store", "EVENTS_TABLE")?,
        watched: alarms.is_empty() && has_somebody_to_tell(text),
        alarms: &alarms,
        loose: LooseEnds::default(),
        types: &types,
        code: code_of(sibling),
    };
    let insertions = sibling.map(|sibling| sibling.copies(text, block.name, block.on));
    let insertions = insertions.unwrap_or_default();
    let judged = resources.put_into(text, &insertions).map_err(refused)?;
    resources.loose = loose_ends(&judged, block);
    resources.put_into(text, &insertions).map_err(refused)
}

impl Resources<'_> {
    fn put_into(&self, text: &str, insertions: &[Insertion]) -> Result<String, String> {
        let added = askama::Template::render(self).map_err(|error| error.to_string())?;
        put_into(text, &added, insertions)
    }
}

/// The text with resources after its own, and with what is said of them elsewhere.
fn put_into(text: &str, added: &str, insertions: &[Insertion]) -> Result<String, String> {
    let taken = |line: &str| added.lines().any(|new| is_logical_id(new) && new == line);
    if let Some(line) = text.lines().find(|line| is_logical_id(line) && taken(line)) {
        let id = line.trim().trim_end_matches(':');
        return Err(format!("it has a resource {id} already: take another name"));
    }
    let end = section_of(text, "Resources").ok_or(
        "its resources are not a block mapping with an indent of two spaces: write them so",
    )?;
    let (before, after) = text.split_at(end.end);
    let gap = if after.is_empty() { "" } else { "\n" };
    let end = before.trim_end().len();
    let rest = format!("\n\n{}\n{gap}{after}", added.trim_end());
    Ok(inserted(before.trim_end(), insertions, end) + &rest)
}

#[derive(askama::Template)]
#[template(path = "function/template.yaml.txt", escape = "none")]
struct Function<'a> {
    name: &'a CrateName,
    id: &'a str,
    schedule: &'a Schedule,
    code: &'a str,
    watched: bool,
}

/// The template with a function in it that a schedule calls.
///
/// # Errors
/// [`NewError::Template`] when it has such a resource already, or can't be read.
pub(crate) fn with_function(
    template: &Path,
    text: &str,
    function: &NewFunction,
) -> Result<String, NewError> {
    let refused = |problem: String| NewError::Template { template: template.to_owned(), problem };
    let roles = roles(text).map_err(refused)?;
    let sibling = Sibling::of(text, &roles);
    let added = askama::Template::render(&Function {
        name: &function.name,
        id: &function.name.logical_id(),
        schedule: &function.schedule,
        code: code_of(sibling.as_ref()),
        watched: has_somebody_to_tell(text),
    })?;
    put_into(text, &added, &[]).map_err(refused)
}

/// The folder that the programs of functions are in, from the template.
fn code_of(sibling: Option<&Sibling>) -> &str {
    sibling.and_then(|sibling| sibling.code.as_deref()).unwrap_or("target/lambda/")
}

/// A text with all that is to be put into it, from its end to its beginning so that places stay what they are.
fn inserted(text: &str, insertions: &[Insertion], end: usize) -> String {
    let mut sorted: Vec<&Insertion> = insertions.iter().collect();
    sorted.sort_by_key(|(at, _)| *at);
    let mut result = text.to_owned();
    for (at, added) in sorted.into_iter().rev() {
        match *at <= end {
            true => result.insert_str(*at, added),
            // The last entry's line end was cut off.
            false => result.push_str(&format!("\n{}", added.trim_end())),
        }
    }
    result
}

/// Whether the template has a topic for alarms, as `fanfare new` makes it.
fn has_somebody_to_tell(text: &str) -> bool {
    let begins = |id: &str| text.lines().any(|line| line.starts_with(id));
    begins("  Alarms:") && begins("  IsWatched:")
}

/// What the linter finds to lead nowhere, of the consumer alone.
fn loose_ends(text: &str, block: &Block<'_>) -> LooseEnds {
    let catalogue =
        CatalogueFile { name: "the catalogue".to_owned(), catalogue: block.catalogue.clone() };
    let project = Project { catalogue: Some(catalogue), consumers: None };
    let options = Options { project, ..Options::default() };
    // What can't be read was refused before.
    let Ok(report) = fanfare_lint::lint("", text, &options) else { return LooseEnds::default() };
    let has = |rule: &str, part: &str| {
        let resource = format!("{}{part}", block.id);
        let is = |finding: &fanfare_lint::Finding| {
            finding.rule.id == rule && finding.resource == resource
        };
        report.findings.iter().any(is)
    };
    LooseEnds {
        unannounced: has("event-without-announcer", "Subscription"),
        unheard: has("event-without-consumer", "Function"),
    }
}

/// What the template's resources are for, or what stands in the way of knowing it.
fn roles(text: &str) -> Result<Roles, String> {
    let template = Template::read(text, &Inputs::default()).map_err(|error| error.to_string())?;
    let known = template.known();
    if let Some(problem) = known.problems.first() {
        return Err(format!("line {}: {problem}: mend that first", problem.place.line));
    }
    match Roles::of(&known) {
        (roles, problems) if problems.is_empty() => Ok(roles),
        (_, problems) => {
            Err(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        }
    }
}

fn is_logical_id(line: &str) -> bool {
    line.starts_with("  ")
        && line.trim_end().ends_with(':')
        && line.trim().trim_end_matches(':').chars().all(|c| c.is_ascii_alphanumeric())
        && !line.starts_with("   ")
}
