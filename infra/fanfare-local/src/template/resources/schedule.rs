//! Schedules: rates, from EventBridge rules and from a SAM function's events.

use std::time::Duration;

use serde_json::Value as Json;

use fanfare_template::{Declaration, Problem};

use super::super::properties::{Properties, Property};
use super::super::scope::Scope;
use super::super::stack::{Mapping, Source, Stack};
use super::function;

pub(super) fn add_rule(
    scope: &Scope<'_>,
    resource: &Declaration,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    let every = rate(&properties.require("ScheduleExpression")?)?;
    let enabled = is_enabled(&mut properties)?;
    let targets = properties.require("Targets")?.items()?;
    properties.ignore(&["Name", "Description", "RoleArn", "Tags"]);
    properties.finish()?;
    for target in targets {
        let mut fields = target.fields()?;
        let id = fields.require("Id")?;
        let function = function::target(scope, &fields.require("Arn")?, |arn| arn)?;
        let input = input(&mut fields)?;
        fields.ignore(&["RoleArn"]);
        fields.finish()?;
        let id = format!("{}{}", resource.id, id.text()?);
        stack.mappings.push(mapping(id, function, every, input, enabled));
    }
    Ok(())
}

pub(super) fn of_event(
    logical_id: String,
    function: String,
    expression: &str,
    mut properties: Properties,
) -> Result<Mapping, Problem> {
    let every = rate(&properties.require(expression)?)?;
    let input = input(&mut properties)?;
    let enabled = is_enabled(&mut properties)?;
    properties.ignore(&[
        "Name",
        "Description",
        "RoleArn",
        "ScheduleExpressionTimezone",
        "PermissionsBoundary",
    ]);
    properties.finish()?;
    Ok(mapping(logical_id, function, every, input, enabled))
}

fn mapping(
    logical_id: String,
    function: String,
    every: Duration,
    input: Option<Json>,
    enabled: bool,
) -> Mapping {
    Mapping {
        logical_id,
        function,
        source: Source::Schedule { every, input },
        batch_size: 1,
        batching_window: Duration::ZERO,
        report_batch_item_failures: false,
        enabled,
        filters: Vec::new(),
    }
}

fn is_enabled(properties: &mut Properties) -> Result<bool, Problem> {
    let enabled = properties.flag("Enabled")?.unwrap_or(true);
    match properties.take("State") {
        None => Ok(enabled),
        Some(state) => Ok(state.one_of(&["ENABLED", "DISABLED"])? == "ENABLED"),
    }
}

fn input(properties: &mut Properties) -> Result<Option<Json>, Problem> {
    properties.take("Input").map(|input| input.json()).transpose()
}

fn rate(property: &Property) -> Result<Duration, Problem> {
    let text = property.text()?;
    if text.starts_with("cron(") {
        return Err(
            property.unsupported(format!("is {text}; the local runner supports rate(...) alone"))
        );
    }
    let inner = text.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let every = inner.and_then(|inner| inner.trim().split_once(' ')).and_then(|(count, unit)| {
        let seconds = match unit.trim() {
            "minute" | "minutes" => 60,
            "hour" | "hours" => 3600,
            "day" | "days" => 86_400,
            _ => return None,
        };
        count.parse::<u64>().ok().filter(|count| *count > 0)?.checked_mul(seconds)
    });
    let wrong = || property.fault(format!("is {text} and must be like rate(5 minutes)"));
    every.map(Duration::from_secs).ok_or_else(wrong)
}
