//! A consumer in a template: a block of text after the last resource. What was there stays as it is, comments included.

use crate::{CrateName, NewError, TableKey};
use fanfare_template::roles::Roles;
use fanfare_template::{Inputs, Template};
use std::path::Path;

/// What is known of the consumer.
pub(crate) struct Block<'a> {
    pub(crate) name: &'a CrateName,
    /// What its resources' logical ids begin with.
    pub(crate) id: &'a str,
    pub(crate) on: &'a str,
    pub(crate) announces: bool,
    pub(crate) table: Option<&'a TableKey>,
}

#[derive(askama::Template)]
#[template(path = "consumer/template.yaml.txt", escape = "none")]
struct Resources<'a> {
    block: &'a Block<'a>,
    topic: &'a str,
    ledger: &'a str,
    event_store: &'a str,
    /// Whether there is somebody to tell of alarms.
    watched: bool,
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
    let resources = Resources {
        block,
        topic: &role(&roles.topic, "topic", "EVENTS_TOPIC")?,
        ledger: &role(&roles.ledger, "ledger", "LEDGER_TABLE")?,
        event_store: &role(&roles.event_store, "event-store", "EVENTS_TABLE")?,
        watched: ["  Alarms:", "  IsWatched:"]
            .iter()
            .all(|id| text.lines().any(|line| line.starts_with(id))),
    };
    let added = askama::Template::render(&resources)?;
    let taken = |line: &str| added.lines().any(|new| is_logical_id(new) && new == line);
    if let Some(line) = text.lines().find(|line| is_logical_id(line) && taken(line)) {
        let id = line.trim().trim_end_matches(':');
        return Err(refused(format!("it has a resource {id} already: take another name")));
    }
    let end = end_of_resources(text).ok_or_else(|| {
        refused(
            "its resources are not a block mapping with an indent of two spaces: write them so"
                .to_owned(),
        )
    })?;
    let (before, after) = text.split_at(end);
    let gap = if after.is_empty() { "" } else { "\n" };
    Ok(format!("{}\n\n{}\n{gap}{after}", before.trim_end(), added.trim_end()))
}

/// What the template's resources are for, or what stands in the way of knowing it.
fn roles(text: &str) -> Result<Roles, String> {
    let template = Template::read(text, &Inputs::default()).map_err(|error| error.to_string())?;
    match Roles::of(&template.known()) {
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

/// Where the section `Resources` ends, in bytes.
fn end_of_resources(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        let is_section = line.starts_with(|c: char| c.is_ascii_alphabetic());
        if inside && is_section {
            return Some(at);
        }
        if is_section && line.trim_end() == "Resources:" {
            inside = true;
        }
        at += line.len();
    }
    inside.then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_of_resources_ends_where_the_next_begins_or_with_the_text() {
        let text = "A: 1\nResources:\n  X:\n    Type: T\n# a comment\nOutputs:\n  Y: 1\n";
        let end = end_of_resources(text).expect("a section");
        assert!(text.split_at(end).1.starts_with("Outputs:"));
        assert_eq!(end_of_resources("Resources:\n  X: {}\n"), Some(19));
        assert_eq!(end_of_resources("Resources: { X: {} }\n"), None);
    }
}
