//! Event-source mappings from queues and streams, as resources and as a SAM function's events.

use std::time::Duration;

use serde_json::Value as Json;

use fanfare_template::{Declaration, Problem};

use super::super::properties::{Properties, Property};
use super::super::scope::Scope;
use super::super::stack::{Mapping, Source, Stack};
use super::{dynamodb, function, sqs};

/// What one invocation gets, whatever the source.
struct Batch {
    size: u32,
    window: Duration,
}

pub(super) fn add(
    scope: &Scope<'_>,
    resource: &Declaration,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    let function = function::target(scope, &properties.require("FunctionName")?, |name| name)?;
    let source = properties.require("EventSourceArn")?;
    let given = source.text()?;
    let mapping = if sqs::is_queue(scope, given)? {
        of_queue(scope, resource.id.clone(), function, &source, properties)?
    } else if dynamodb::is_stream(scope, given)? {
        of_stream(scope, resource.id.clone(), function, &source, properties)?
    } else {
        return Err(source
            .unsupported(format!("is {given}, which is no queue and no stream of this template")));
    };
    stack.mappings.push(mapping);
    Ok(())
}

pub(super) fn of_queue(
    scope: &Scope<'_>,
    logical_id: String,
    function: String,
    source: &Property,
    mut properties: Properties,
) -> Result<Mapping, Problem> {
    let arn = sqs::queue_arn(scope, source)?;
    let batch = queue_batch(&mut properties, arn.ends_with(".fifo"))?;
    let maximum_concurrency = match properties.take("ScalingConfig") {
        None => None,
        Some(config) => {
            let mut fields = config.fields()?;
            let maximum = fields.number("MaximumConcurrency", 2..=1000)?;
            fields.finish()?;
            maximum
        }
    };
    mapping(logical_id, function, Source::Queue { arn, maximum_concurrency }, batch, properties)
}

pub(super) fn of_stream(
    scope: &Scope<'_>,
    logical_id: String,
    function: String,
    source: &Property,
    mut properties: Properties,
) -> Result<Mapping, Problem> {
    let arn = source.text()?.to_owned();
    if !dynamodb::is_stream(scope, &arn)? {
        return Err(
            source.unsupported(format!("is {arn}, which is no stream of this template's tables"))
        );
    }
    let batch = Batch {
        size: properties.number("BatchSize", 1..=10_000)?.unwrap_or(100),
        window: window(&mut properties)?,
    };
    let position = properties.require("StartingPosition")?;
    let source = Source::Stream {
        arn,
        from_start: position.one_of(&["TRIM_HORIZON", "LATEST"])? == "TRIM_HORIZON",
        maximum_retry_attempts: limit(&mut properties, "MaximumRetryAttempts", 0, 10_000)?,
        maximum_record_age: limit(&mut properties, "MaximumRecordAgeInSeconds", 60, 604_800)?
            .map(|seconds| Duration::from_secs(seconds.into())),
        bisect_on_error: properties.flag("BisectBatchOnFunctionError")?.unwrap_or(false),
        on_failure_queue_arn: on_failure(scope, properties.take("DestinationConfig"))?,
    };
    // Their defaults, written out: one batch per shard at a time, no state over a window.
    if let Some(factor) = properties.take("ParallelizationFactor") {
        factor.one_of(&["1"])?;
    }
    if let Some(tumbling) = properties.take("TumblingWindowInSeconds") {
        tumbling.one_of(&["0"])?;
    }
    mapping(logical_id, function, source, batch, properties)
}

/// What is the same for both sources.
fn mapping(
    logical_id: String,
    function: String,
    source: Source,
    batch: Batch,
    mut properties: Properties,
) -> Result<Mapping, Problem> {
    let mapping = Mapping {
        logical_id,
        function,
        source,
        batch_size: batch.size,
        batching_window: batch.window,
        report_batch_item_failures: reports_failures(properties.take("FunctionResponseTypes"))?,
        enabled: properties.flag("Enabled")?.unwrap_or(true),
        filters: filters(properties.take("FilterCriteria"))?,
    };
    properties.ignore(&["KmsKeyArn", "Tags", "MetricsConfig", "LoggingConfig"]);
    properties.finish()?;
    Ok(mapping)
}

/// Lambda's limits: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
fn queue_batch(properties: &mut Properties, fifo: bool) -> Result<Batch, Problem> {
    let given = properties.take("BatchSize");
    let size = given.as_ref().map_or(Ok(10), |size| size.number(1..=10_000))?;
    let window_given = properties.take("MaximumBatchingWindowInSeconds");
    let window = window_given.as_ref().map_or(Ok(0), |window| window.number(0..=300))?;
    match (given, window_given) {
        (Some(property), _) if fifo && size > 10 => {
            Err(property.fault(format!("is {size}, but a FIFO queue gives at most 10")))
        }
        (_, Some(property)) if fifo && window > 0 => Err(property.fault("is not for FIFO queues")),
        (Some(property), _) if size > 10 && window == 0 => Err(property
            .fault(format!("is {size}, but more than 10 needs MaximumBatchingWindowInSeconds"))),
        _ => Ok(Batch { size, window: Duration::from_secs(window) }),
    }
}

fn window(properties: &mut Properties) -> Result<Duration, Problem> {
    let seconds = properties.number("MaximumBatchingWindowInSeconds", 0..=300)?;
    Ok(Duration::from_secs(seconds.unwrap_or(0)))
}

/// A limit for which -1 means none.
fn limit(
    properties: &mut Properties,
    name: &str,
    least: u32,
    most: u32,
) -> Result<Option<u32>, Problem> {
    match properties.take(name) {
        Some(property) if property.text()? != "-1" => property.number(least..=most).map(Some),
        _ => Ok(None),
    }
}

fn reports_failures(property: Option<Property>) -> Result<bool, Problem> {
    let Some(property) = property else { return Ok(false) };
    let items = property.items()?;
    for item in &items {
        item.one_of(&["ReportBatchItemFailures"])?;
    }
    Ok(!items.is_empty())
}

fn filters(property: Option<Property>) -> Result<Vec<Json>, Problem> {
    let Some(property) = property else { return Ok(Vec::new()) };
    let mut fields = property.fields()?;
    let Some(list) = fields.take("Filters") else { return fields.finish().map(|()| Vec::new()) };
    fields.finish()?;
    let pattern = |item: &Property| {
        let mut fields = item.fields()?;
        let pattern = fields.require("Pattern")?;
        fields.finish()?;
        let json = pattern.json()?;
        match json.is_object() {
            true => Ok(json),
            false => Err(pattern.fault(format!("must be a JSON object, not {json}"))),
        }
    };
    list.items()?.iter().map(pattern).collect()
}

fn on_failure(scope: &Scope<'_>, property: Option<Property>) -> Result<Option<String>, Problem> {
    let Some(property) = property else { return Ok(None) };
    let mut fields = property.fields()?;
    let Some(destination) = fields.take("OnFailure") else { return fields.finish().map(|()| None) };
    fields.finish()?;
    let mut fields = destination.fields()?;
    if let Some(kind) = fields.take("Type") {
        kind.one_of(&["SQS"])?;
    }
    let arn = sqs::queue_arn(scope, &fields.require("Destination")?)?;
    fields.finish()?;
    Ok(Some(arn))
}
