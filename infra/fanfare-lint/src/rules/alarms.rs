//! Consumers are watched alike.

use super::{Findings, Rule};
use crate::stack::{Located, Owner, Stack};
use fanfare_template::roles::Consumer;
use fanfare_template::{Resource, Text, Value};
use std::collections::BTreeSet;

pub(super) static CONSUMER_WITHOUT_ALARMS: Rule = Rule {
    id: "consumer-without-alarms",
    title: "Consumer that is not watched as the others are",
    why: "Its messages die or wait, and nobody is told until somebody misses what it should have done.",
    page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
    check,
};

/// A metric of a part of a consumer, such as `AWS/Lambda Throttles of its function`.
type Watch = String;

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    let metrics = metrics(stack);
    let watched: Vec<(&Consumer, BTreeSet<Watch>)> =
        stack.roles.consumers.iter().map(|one| (one, watches(stack, &metrics, one))).collect();
    let everything: BTreeSet<&Watch> = watched.iter().flat_map(|(_, watches)| watches).collect();
    let is_usual = |watch: &&Watch| {
        2 * watched.iter().filter(|(_, watches)| watches.contains(*watch)).count() >= watched.len()
    };
    let usual: BTreeSet<&Watch> = everything.into_iter().filter(is_usual).collect();
    for (consumer, watches) in &watched {
        let missing: Vec<&str> = usual
            .iter()
            .filter(|watch| !watches.contains(**watch))
            .map(|watch| watch.as_str())
            .collect();
        let id = consumer.function.as_deref().unwrap_or(&consumer.queue);
        let (Some(resource), false) = (stack.resource(id), missing.is_empty()) else { continue };
        findings.report(
            resource.whole(),
            format!("no alarm watches {} of {}", missing.join(", "), consumer.name),
            "Write an AWS::CloudWatch::Alarm on each, as the other consumers have it.",
        );
    }
}

/// A metric that an alarm looks at, and what its dimensions name.
struct Metric {
    name: String,
    about: Vec<Text>,
}

/// What alarms look at, those included that are not deployed unless somebody is to be told.
fn metrics(stack: &Stack<'_>) -> Vec<Metric> {
    let all = stack.known.resources.iter().chain(stack.left_out);
    let alarms = all.filter(|resource| resource.kind == "AWS::CloudWatch::Alarm");
    alarms.flat_map(of_alarm).collect()
}

fn of_alarm(alarm: &Resource) -> Vec<Metric> {
    let queries = alarm.properties.field("Metrics").map_or(&[][..], |list| list.value.items());
    let queried = queries.iter().filter_map(|query| query.find(&["MetricStat", "Metric"]).known());
    queried.chain([&alarm.properties]).filter_map(metric).collect()
}

fn metric(value: &Value) -> Option<Metric> {
    let text = |key| value.find_text(&[key]).known();
    let name = format!("{} {}", text("Namespace")?.as_known()?, text("MetricName")?.as_known()?);
    let dimensions = value.field("Dimensions")?.value.items().iter();
    let about = dimensions.filter_map(|one| one.find_text(&["Value"]).known()).collect();
    Some(Metric { name, about })
}

fn watches(stack: &Stack<'_>, metrics: &[Metric], consumer: &Consumer) -> BTreeSet<Watch> {
    let dead_letters = dead_letters(stack, consumer);
    let part = |text: &Text| match (stack.queue_of(text), stack.function_of(text)) {
        (Owner::Resource(queue), _) if queue.id == consumer.queue => Some("the queue"),
        (Owner::Resource(queue), _) if dead_letters == Some(&*queue.id) => {
            Some("the dead-letter queue")
        }
        (_, Owner::Resource(function)) if consumer.function.as_ref() == Some(&function.id) => {
            Some("the function")
        }
        _ => None,
    };
    let of = |metric: &Metric| {
        let part = metric.about.iter().find_map(part)?;
        Some(format!("{} of {part}", metric.name))
    };
    metrics.iter().filter_map(of).collect()
}

fn dead_letters<'t>(stack: &Stack<'t>, consumer: &Consumer) -> Option<&'t str> {
    let policy = stack.resource(&consumer.queue)?.properties.field("RedrivePolicy")?;
    let target = policy.value.as_document().find_text(&["deadLetterTargetArn"]).known()?;
    match stack.queue_of(&target) {
        Owner::Resource(queue) => Some(&queue.id),
        Owner::Elsewhere | Owner::Unknown(_) => None,
    }
}
