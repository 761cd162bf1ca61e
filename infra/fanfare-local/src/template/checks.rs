//! What AWS refuses though every resource is right by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use super::document::Document;
use super::error::Fault;
use super::stack::{Function, Mapping, Queue, Source, Stack};

/// A queue's `VisibilityTimeout` unless it is set: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>
const DEFAULT_VISIBILITY: Duration = Duration::from_secs(30);

pub(super) fn check(stack: &Stack, document: &Document) -> Result<(), Fault> {
    unique(document, "queue", stack.queues.iter().map(|queue| (&queue.logical_id, &queue.name)))?;
    unique(document, "topic", stack.topics.iter().map(|topic| (&topic.logical_id, &topic.name)))?;
    unique(document, "table", stack.tables.iter().map(|table| (&table.logical_id, &table.name)))?;
    unique(
        document,
        "function",
        stack.functions.iter().map(|function| (&function.logical_id, &function.name)),
    )?;
    // The runner has one HTTP front, whichever APIs and function URLs the routes come from.
    unique(document, "route", stack.routes.iter().map(|route| (&route.function, &route.key)))?;
    stack.mappings.iter().try_for_each(|mapping| visibility(stack, document, mapping))
}

fn unique<'s>(
    document: &Document,
    what: &str,
    names: impl Iterator<Item = (&'s String, &'s String)>,
) -> Result<(), Fault> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for (id, name) in names {
        if let Some(other) = owners.insert(name, id) {
            let message = format!("has the {what} {name}, which {other} has as well");
            return Err(Fault::new(line(document, id), message).of("resource", id));
        }
    }
    Ok(())
}

/// Lambda refuses a mapping whose messages would come back while they are still being worked on.
fn visibility(stack: &Stack, document: &Document, mapping: &Mapping) -> Result<(), Fault> {
    let Source::Queue { arn, .. } = &mapping.source else { return Ok(()) };
    let queue = stack.queues.iter().find(|queue| queue.arn == *arn);
    let function = stack.functions.iter().find(|function| function.logical_id == mapping.function);
    let (Some(queue), Some(function)) = (queue, function) else { return Ok(()) };
    let visibility = visibility_of(queue);
    if visibility >= function.timeout {
        return Ok(());
    }
    Err(too_short(visibility, function, line(document, &queue.logical_id))
        .of("resource", &queue.logical_id))
}

fn visibility_of(queue: &Queue) -> Duration {
    let seconds = queue.attributes.get("VisibilityTimeout").and_then(|text| text.parse().ok());
    seconds.map_or(DEFAULT_VISIBILITY, Duration::from_secs)
}

fn too_short(visibility: Duration, function: &Function, line: usize) -> Fault {
    let message = format!(
        "is {} s, less than the {} s of {}'s Timeout",
        visibility.as_secs(),
        function.timeout.as_secs(),
        function.logical_id,
    );
    Fault::new(line, message).of("property", "VisibilityTimeout")
}

fn line(document: &Document, id: &str) -> usize {
    document.resources.iter().find(|resource| resource.id == id).map_or(1, |resource| resource.line)
}
