//! What a stack consists of, as lines for people.

use crate::terminal::{DIM, harmless, styled};
use fanfare_local::LeftOut;
use fanfare_local::template::Stack;
use fanfare_local::template::stack::{Mapping, Source};

/// The width of what stands before each line.
const LABEL: usize = 10;

/// A line for each route, schedule and output, and for each other sort of resource that the stack has.
pub(super) fn stack(stack: &Stack) -> Vec<String> {
    let routes = stack
        .routes
        .iter()
        .map(|route| line("route", &format!("{} → {}", route.key, route.function)));
    let schedules = stack.mappings.iter().filter_map(schedule);
    let outputs =
        stack.outputs.iter().map(|(name, value)| line("output", &format!("{name} = {value}")));
    let listed = [
        names("functions", stack.functions.iter().map(|one| one.name.as_str())),
        names("queues", stack.queues.iter().map(|one| one.name.as_str())),
        names("topics", stack.topics.iter().map(|one| one.name.as_str())),
        names("tables", stack.tables.iter().map(|one| one.name.as_str())),
    ];
    routes.chain(schedules).chain(listed.into_iter().flatten()).chain(outputs).collect()
}

/// A line for each thing that is left out.
pub(super) fn left_out(left_out: &[LeftOut]) -> Vec<String> {
    left_out.iter().map(|one| line("left out", &why_left_out(one))).collect()
}

/// What is left out, why, and who will miss it.
pub(super) fn why_left_out(left_out: &LeftOut) -> String {
    let message = &left_out.fault.message;
    match left_out.used_by.as_slice() {
        [] => message.clone(),
        users => format!("{message}; used by {}", users.join(", ")),
    }
}

fn schedule(mapping: &Mapping) -> Option<String> {
    match mapping.source {
        Source::Schedule { every, .. } => Some(line(
            "schedule",
            &format!("every {} min → {}", every.as_secs() / 60, mapping.function),
        )),
        _ => None,
    }
}

fn names<'n>(label: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    (!names.is_empty()).then(|| line(label, &names.join(", ")))
}

pub(super) fn line(label: &str, text: &str) -> String {
    format!("  {} {}", styled(DIM, &format!("{label:LABEL$}")), harmless(text))
}
