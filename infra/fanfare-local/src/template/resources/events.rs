//! A SAM function's `Events`.

use fanfare_template::{Declaration, Problem};

use super::super::properties::{Properties, Property};
use super::super::scope::Scope;
use super::super::stack::Stack;
use super::{event_source, http, schedule};

pub(super) fn add(
    scope: &Scope<'_>,
    function: &Declaration,
    events: &Property,
    stack: &mut Stack,
) -> Result<(), Problem> {
    for event in events.fields()?.rest() {
        let mut fields = event.fields()?;
        let kind = fields.require("Type")?;
        let properties = match fields.take("Properties") {
            Some(properties) => properties.fields()?,
            None => event.without("Properties"),
        };
        fields.finish()?;
        let id = format!("{}{}", function.id, event.key);
        add_event(scope, function, id, &kind, properties, stack)?;
    }
    Ok(())
}

fn add_event(
    scope: &Scope<'_>,
    function: &Declaration,
    id: String,
    kind: &Property,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    let target = function.id.clone();
    match kind.one_of(&["SQS", "DynamoDB", "Schedule", "ScheduleV2", "HttpApi"])? {
        "SQS" => {
            let queue = properties.require("Queue")?;
            stack.mappings.push(event_source::of_queue(scope, id, target, &queue, properties)?);
        }
        "DynamoDB" => {
            let stream = properties.require("Stream")?;
            stack.mappings.push(event_source::of_stream(scope, id, target, &stream, properties)?);
        }
        "HttpApi" => stack.routes.push(http::route_of_event(scope, target, properties)?),
        "Schedule" => stack.mappings.push(schedule::of_event(id, target, "Schedule", properties)?),
        _ => stack.mappings.push(schedule::of_event(id, target, "ScheduleExpression", properties)?),
    }
    Ok(())
}
