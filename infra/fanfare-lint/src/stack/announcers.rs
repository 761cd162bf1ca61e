//! Which functions announce which events, by the streams that their roles may append to.

use super::policies::NamedPolicy;
use super::{Owner, Stack, Statement};
use crate::pattern::fits;
use fanfare_event::EventDescription;
use fanfare_template::{Resource, Setting};

/// The functions of a template that may append to its event store.
pub(crate) struct Announcers<'t> {
    of: Vec<(&'t Resource, Streams)>,
}

/// The streams that a function may append to.
enum Streams {
    /// All, or nobody here knows.
    Any,
    /// Those whose names fit one of these patterns.
    Like(Vec<String>),
}

/// How an event is appended.
const APPENDING: [&str; 3] = ["dynamodb:putitem", "dynamodb:updateitem", "dynamodb:batchwriteitem"];

impl<'t> Announcers<'t> {
    pub(crate) fn of(stack: &Stack<'t>) -> Self {
        let Some(store) = stack.table(&stack.roles.event_store) else {
            return Self { of: Vec::new() };
        };
        let streams = |function| Some((function, streams(stack, function, store)?));
        Self { of: stack.functions().filter_map(streams).collect() }
    }

    /// The functions that may announce an event.
    pub(crate) fn who(&self, event: &EventDescription) -> Vec<&'t Resource> {
        let may = |(function, streams): &(&'t Resource, Streams)| {
            let may = match streams {
                Streams::Any => true,
                Streams::Like(patterns) => {
                    patterns.iter().any(|pattern| is_stream_like(pattern, &event.stream))
                }
            };
            may.then_some(*function)
        };
        self.of.iter().filter_map(may).collect()
    }
}

/// Whether a stream such as `room-{room}` can have a name that fits a pattern such as `room-*`.
pub(crate) fn is_stream_like(pattern: &str, stream: &str) -> bool {
    let Some((start, _)) = stream.split_once('{') else { return fits(pattern, stream) };
    let fixed = pattern.split(['*', '?']).next().unwrap_or_default();
    match fixed.len() == pattern.len() {
        true => fixed.starts_with(start),
        false => start.starts_with(fixed) || fixed.starts_with(start),
    }
}

fn streams(stack: &Stack<'_>, function: &Resource, store: &Resource) -> Option<Streams> {
    let function = stack.resource(&function.id)?;
    let grants = stack.grants(function);
    let has_store = function.properties.find_text(&["Environment", "Variables", "EVENTS_TABLE"]);
    let may_be_granted = has_store != Setting::Absent && grants.unknown.is_some();
    if may_be_granted || grants.named.iter().any(|policy| appends_by_name(stack, policy, store)) {
        return Some(Streams::Any);
    }
    let mut patterns = Vec::new();
    for statement in grants.statements.iter().filter(|one| appends(stack, one, store)) {
        match statement.leading_keys() {
            Setting::Known(keys) => patterns.extend(keys.into_iter().map(|(key, _)| key)),
            Setting::Absent | Setting::Unknown(_) => return Some(Streams::Any),
        }
    }
    (!patterns.is_empty()).then_some(Streams::Like(patterns))
}

/// Whether it lets items be put into the event store, or may: what only AWS knows is given the benefit of the doubt.
fn appends(stack: &Stack<'_>, statement: &Statement<'_>, store: &Resource) -> bool {
    let appends = statement.has("NotAction")
        || APPENDING.iter().any(|action| statement.is_about_action(action));
    statement.why_unknown().is_some()
        || (statement.allows()
            && appends
            && statement.is_about_table(stack, store) != Setting::Known(false))
}

/// SAM's policy templates that write to a table, and policies of AWS that write to all.
fn appends_by_name(stack: &Stack<'_>, policy: &NamedPolicy<'_>, store: &Resource) -> bool {
    let name = policy.name.as_known().unwrap_or_default();
    let writes = ["Write", "Crud", "FullAccess", "Administrator", "PowerUser"];
    let writes = writes.iter().any(|word| name.contains(word));
    match policy.parameters {
        _ if !writes => false,
        None => name.contains("DynamoDB") || !name.contains("Amazon"),
        Some(parameters) => match parameters.find_text(&["TableName"]) {
            Setting::Known(table) => {
                matches!(stack.table_of(&table), Owner::Resource(table) if table.id == store.id)
            }
            Setting::Absent | Setting::Unknown(_) => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::is_stream_like;

    #[test]
    fn a_stream_fits_a_pattern_if_one_of_its_names_does() {
        for (pattern, stream) in [
            ("room-*", "room-{room}"),
            ("*", "ac-{room}"),
            ("room-attic", "room-{room}"),
            ("all", "all"),
        ] {
            assert!(is_stream_like(pattern, stream), "{pattern} {stream}");
        }
        for (pattern, stream) in [("room-*", "ac-{room}"), ("rooms-*", "all"), ("ac", "ac-{room}")]
        {
            assert!(!is_stream_like(pattern, stream), "{pattern} {stream}");
        }
    }
}
