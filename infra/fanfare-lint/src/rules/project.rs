//! Code and template of one project agree: about event types, and about who consumes them.

use super::{Findings, Rule};
use crate::Project;
use crate::stack::{Owner, Source, Spot, Stack};
use crate::template::{Resource, Setting, Value};

pub(super) static UNKNOWN_EVENT_TYPE: Rule = Rule {
    id: "unknown-event-type",
    title: "Filter policy on an event type that the schema does not know",
    why: "A filter with a misspelt type matches nothing: the consumer waits for ever, and nothing fails.",
    page: "https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html",
    check: check_types,
};

pub(super) static CONSUMER_WITHOUT_SUBSCRIPTION: Rule = Rule {
    id: "consumer-without-subscription",
    title: "Consumer that no event reaches",
    why: "A consumer whose function, mapping or subscription is missing in the template is never invoked.",
    page: "https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html",
    check: check_consumers,
};

/// The attribute, and the envelope's field, that an event's type is in.
const EVENT_TYPE: &str = "eventType";

fn check_types(stack: &Stack<'_>, findings: &mut Findings) {
    let Some(project) = &stack.options.project else { return };
    for subscription in stack.subscriptions() {
        let spot = subscription.spot(&["FilterPolicy", EVENT_TYPE]);
        let policy = match subscription.settings.find(&["FilterPolicy"]) {
            Setting::Absent => continue,
            Setting::Unknown(why) => {
                findings.undecided(spot, &why);
                continue;
            }
            Setting::Known(policy) => policy.as_document(),
        };
        match policy.find(&[EVENT_TYPE]) {
            Setting::Absent => {}
            Setting::Unknown(why) => findings.undecided(spot, &why),
            Setting::Known(conditions) => {
                for condition in conditions.each() {
                    judge(project, condition, &spot, findings);
                }
            }
        }
    }
}

/// One condition of a filter: a type, or a map such as `{ prefix: Order }`.
fn judge(project: &Project, condition: &Value, spot: &Spot, findings: &mut Findings) {
    let knows = |test: &dyn Fn(&str) -> bool| project.event_types.iter().any(|known| test(known));
    if let Some(name) = condition.as_known() {
        if !knows(&|known| known == name) {
            refuse(project, name, spot, findings);
        }
        return;
    }
    if let Some(why) = condition.as_text() {
        return findings.undecided(spot.clone(), &why.to_string());
    }
    for field in condition.fields() {
        for value in field.value.each() {
            match (field.key.as_str(), value.as_known()) {
                ("prefix", Some(start)) if !knows(&|known| known.starts_with(start)) => {
                    refuse(project, &format!("{start}*"), spot, findings);
                }
                ("suffix", Some(end)) if !knows(&|known| known.ends_with(end)) => {
                    refuse(project, &format!("*{end}"), spot, findings);
                }
                ("equals-ignore-case", Some(name))
                    if !knows(&|known| known.eq_ignore_ascii_case(name)) =>
                {
                    refuse(project, name, spot, findings);
                }
                ("anything-but", Some(name)) if !knows(&|known| known == name) => {
                    refuse(project, name, spot, findings);
                }
                _ => {}
            }
        }
    }
}

fn refuse(project: &Project, name: &str, spot: &Spot, findings: &mut Findings) {
    findings.report(
        spot.clone(),
        format!("no event of the schema is called {name}"),
        format!("Use one of {}, or add the event to the schema.", project.event_types.join(", ")),
    );
}

fn check_consumers(stack: &Stack<'_>, findings: &mut Findings) {
    let Some(project) = &stack.options.project else { return };
    for consumer in &project.consumers {
        let Some(function) = stack.functions().find(|function| runs(function, consumer)) else {
            findings.report(
                Spot::template(),
                format!("no function of the template runs the consumer {consumer}"),
                format!("Add a function whose CodeUri ends in /{consumer}, its queue and its subscription."),
            );
            continue;
        };
        match reach(stack, function) {
            Reach::Subscribed => {}
            Reach::Unknown(why) => findings.undecided(function.whole(), &why),
            Reach::Missing(what) => findings.report(
                function.whole(),
                format!("the consumer {consumer} has no {what}, so no event reaches it"),
                "Give the function an event of type SQS, and its queue an AWS::SNS::Subscription.",
            ),
        }
    }
}

/// Whether a function's code is this program, by where its code is or what SAM is told to build.
fn runs(function: &Resource, program: &str) -> bool {
    let code = function.properties.find_text(&["CodeUri"]).known();
    let is_code = code.is_some_and(|code| {
        let end = code.after_last('/');
        end.as_known()
            .is_some_and(|end| end == program || end.strip_suffix(".zip") == Some(program))
    });
    let binary = function.metadata.find_text(&["BuildProperties", "Binary"]).known();
    is_code || binary.is_some_and(|binary| binary.as_known() == Some(program))
}

/// Whether events get to a function.
enum Reach {
    Subscribed,
    Missing(&'static str),
    Unknown(String),
}

fn reach(stack: &Stack<'_>, function: &Resource) -> Reach {
    let mut result = Reach::Missing("queue");
    for mapping in stack.mappings() {
        if mapping.function_id() != Some(&function.id) {
            continue;
        }
        match &mapping.source {
            Source::Queue { queue: Owner::Resource(queue), .. } => {
                match is_subscribed(stack, queue) {
                    Reach::Subscribed => return Reach::Subscribed,
                    other => result = other,
                }
            }
            // A queue of somewhere else is subscribed there.
            Source::Queue { .. } => {
                return Reach::Unknown("a queue that is not in the template".into());
            }
            Source::Unknown(why) => result = Reach::Unknown(why.clone()),
            Source::Stream | Source::Other => {}
        }
    }
    result
}

fn is_subscribed(stack: &Stack<'_>, queue: &Resource) -> Reach {
    let mut result = Reach::Missing("subscription");
    for subscription in stack.subscriptions() {
        let Setting::Known(endpoint) = &subscription.endpoint else { continue };
        match stack.queue_of(endpoint) {
            Owner::Resource(other) if other.id == queue.id => return Reach::Subscribed,
            Owner::Unknown(why) => result = Reach::Unknown(why),
            Owner::Resource(_) | Owner::Elsewhere => {}
        }
    }
    result
}
