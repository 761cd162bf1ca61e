//! What AWS refuses though every resource is right by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use fanfare_template::{Part, Place, Problem, Template};

use super::stack::{Function, Mapping, Queue, Source, Stack};

/// A queue's `VisibilityTimeout` unless it is set: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>
const DEFAULT_VISIBILITY: Duration = Duration::from_secs(30);

pub(super) fn check(stack: &Stack, template: &Template) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut unique = |what: &str, names: Vec<(&String, &String)>| {
        problems.extend(repeated(template, what, &names));
    };
    unique("queue", stack.queues.iter().map(|one| (&one.logical_id, &one.name)).collect());
    unique("topic", stack.topics.iter().map(|one| (&one.logical_id, &one.name)).collect());
    unique("table", stack.tables.iter().map(|one| (&one.logical_id, &one.name)).collect());
    unique("function", stack.functions.iter().map(|one| (&one.logical_id, &one.name)).collect());
    // The runner has one HTTP front, whichever APIs and function URLs the routes come from.
    unique("route", stack.routes.iter().map(|one| (&one.function, &one.key)).collect());
    problems
        .extend(stack.mappings.iter().filter_map(|mapping| visibility(stack, template, mapping)));
    problems
}

fn repeated(template: &Template, what: &str, names: &[(&String, &String)]) -> Vec<Problem> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for (id, name) in names {
        if let Some(other) = owners.insert(name, id) {
            let message = format!("has the {what} {name}, which {other} has as well");
            problems.push(Problem::invalid(place(template, id), message).of(Part::Resource, id));
        }
    }
    problems
}

/// Lambda refuses a mapping whose messages would come back while they are still being worked on.
fn visibility(stack: &Stack, template: &Template, mapping: &Mapping) -> Option<Problem> {
    let Source::Queue { arn, .. } = &mapping.source else { return None };
    let queue = stack.queues.iter().find(|queue| queue.arn == *arn)?;
    let function = stack.functions.iter().find(|one| one.logical_id == mapping.function)?;
    let visibility = visibility_of(queue);
    let is_short = visibility < function.timeout;
    is_short.then(|| {
        too_short(visibility, function, place(template, &queue.logical_id))
            .of(Part::Resource, &queue.logical_id)
    })
}

fn visibility_of(queue: &Queue) -> Duration {
    let seconds = queue.attributes.get("VisibilityTimeout").and_then(|text| text.parse().ok());
    seconds.map_or(DEFAULT_VISIBILITY, Duration::from_secs)
}

fn too_short(visibility: Duration, function: &Function, place: Place) -> Problem {
    let message = format!(
        "is {} s, less than the {} s of {}'s Timeout",
        visibility.as_secs(),
        function.timeout.as_secs(),
        function.logical_id,
    );
    Problem::invalid(place, message).of(Part::Property, "VisibilityTimeout")
}

fn place(template: &Template, id: &str) -> Place {
    template.resource(id).map_or(Place::START, |resource| resource.place)
}
