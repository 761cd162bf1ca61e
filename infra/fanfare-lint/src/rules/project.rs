//! Code and template of one project agree: about event types, and about who consumes them.

use super::{Findings, Rule};
use crate::CatalogueFile;
use crate::stack::{EVENT_TYPE, Located, Mapping, Owner, Source, Spot, Stack};
use fanfare_template::{Resource, Setting, Value};

pub(super) static UNKNOWN_EVENT_TYPE: Rule = Rule {
    id: "unknown-event-type",
    title: "Filter policy on an event type that the catalogue does not know",
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

const NO_CATALOGUE: &str = "event types in filters are not judged: there is no catalogue of events. Name its file in \
    the template's Metadata: { Fanfare: { Catalogue: FILE } }, or put catalogue.json beside the template; the crate \
    that declares the events writes it.";

const NO_CODE: &str = "consumers are not judged: the code that they are in was not found. It is looked for in the \
    cargo workspace around the template.";

fn check_types(stack: &Stack<'_>, findings: &mut Findings) {
    let catalogue = stack.options.project.catalogue.as_ref();
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
            Setting::Known(conditions) => match catalogue {
                Some(catalogue) => {
                    for condition in conditions.each() {
                        judge(catalogue, condition, &spot, findings);
                    }
                }
                // Once is enough: it is the same for every filter.
                None => return findings.remark(Spot::template(), NO_CATALOGUE.to_owned()),
            },
        }
    }
}

/// One condition of a filter: a type, or a map such as `{ prefix: Order }`.
fn judge(file: &CatalogueFile, condition: &Value, spot: &Spot, findings: &mut Findings) {
    let knows = |test: &dyn Fn(&str) -> bool| file.catalogue.types().any(test);
    if let Some(name) = condition.as_known() {
        if !knows(&|known| known == name) {
            refuse(file, name, spot, findings);
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
                    refuse(file, &format!("{start}*"), spot, findings);
                }
                ("suffix", Some(end)) if !knows(&|known| known.ends_with(end)) => {
                    refuse(file, &format!("*{end}"), spot, findings);
                }
                ("equals-ignore-case", Some(name))
                    if !knows(&|known| known.eq_ignore_ascii_case(name)) =>
                {
                    refuse(file, name, spot, findings);
                }
                ("anything-but", Some(name)) if !knows(&|known| known == name) => {
                    refuse(file, name, spot, findings);
                }
                _ => {}
            }
        }
    }
}

fn refuse(file: &CatalogueFile, name: &str, spot: &Spot, findings: &mut Findings) {
    let types: Vec<&str> = file.catalogue.types().collect();
    findings.report(
        spot.clone(),
        format!("no event of the catalogue {} is called {name}", file.name),
        format!(
            "Use one of {}; or declare the event, and write the file by running its crate's test with FANFARE_WRITE=1.",
            types.join(", ")
        ),
    );
}

fn check_consumers(stack: &Stack<'_>, findings: &mut Findings) {
    let Some(consumers) = &stack.options.project.consumers else {
        let reads_queue = |mapping: &Mapping<'_>| matches!(mapping.source, Source::Queue { .. });
        if stack.mappings().iter().any(reads_queue) {
            findings.remark(Spot::template(), NO_CODE.to_owned());
        }
        return;
    };
    for consumer in consumers {
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
