//! What tells of an event's consumers knows all of them.

use super::{Findings, Rule};
use crate::stack::{Interest, Located, Spot, Stack};
use fanfare_template::roles::Consumer;
use fanfare_template::{Resource, Setting};
use std::collections::{BTreeMap, BTreeSet};

pub(super) static UNLISTED_CONSUMER: Rule = Rule {
    id: "unlisted-consumer",
    title: "List of consumers that is not that of the template",
    why: "A trace says that an event is done while a consumer that is not in its list has yet to act on it.",
    page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    check,
};

/// What a trace is told of consumers: `climate=Measured,Alarmed;billing=Measured`.
const SUBSCRIPTIONS: &str = "SUBSCRIPTIONS";

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    // Where nobody consumes events, a variable of this name is about something else.
    if stack.roles.consumers.is_empty() {
        return;
    }
    let interests = stack.interests();
    for function in stack.functions() {
        let path = ["Environment", "Variables", SUBSCRIPTIONS];
        let list = match function.properties.find_text(&path) {
            Setting::Absent => continue,
            Setting::Unknown(why) => {
                findings.undecided(function.spot(&path), &why);
                continue;
            }
            Setting::Known(list) => list,
        };
        match list.as_known() {
            Some(list) => judge(stack, function, &read(list), &interests, findings),
            None => findings.undecided(function.spot(&path), &list.to_string()),
        }
    }
}

type List<'l> = BTreeMap<&'l str, BTreeSet<&'l str>>;

fn read(list: &str) -> List<'_> {
    let entries = list.split(';').filter_map(|entry| entry.split_once('='));
    entries.map(|(name, types)| (name.trim(), types.split(',').map(str::trim).collect())).collect()
}

fn judge(
    stack: &Stack<'_>,
    function: &Resource,
    list: &List<'_>,
    interests: &[Interest<'_>],
    findings: &mut Findings,
) {
    let spot = || -> Spot { function.spot(&["Environment", "Variables", SUBSCRIPTIONS]) };
    for consumer in &stack.roles.consumers {
        let named = named(consumer, interests);
        match list.get(consumer.name.as_str()) {
            None => findings.report(
                spot(),
                format!("the consumer {} is missing", consumer.name),
                format!(
                    "Add {}={}.",
                    consumer.name,
                    named.into_iter().collect::<Vec<_>>().join(",")
                ),
            ),
            Some(types) => {
                let missing: Vec<&str> = named.difference(types).copied().collect();
                if !missing.is_empty() {
                    let missing = missing.join(", ");
                    let reason = format!(
                        "{} subscribes to {missing}, which its list has not",
                        consumer.name
                    );
                    findings.report(spot(), reason, format!("Add {missing} to {}.", consumer.name));
                }
            }
        }
    }
    let is_known = |name: &&&str| stack.roles.consumer(name).is_some();
    for stranger in list.keys().filter(|name| !is_known(name)) {
        findings.report(
            spot(),
            format!("{stranger} is no consumer of the template"),
            "Take it out, or write the consumer's name: that in its function's Metadata, or its logical id without Function.",
        );
    }
}

fn named<'i>(consumer: &Consumer, interests: &'i [Interest<'_>]) -> BTreeSet<&'i str> {
    let own = interests.iter().filter(|interest| interest.consumer.name == consumer.name);
    own.flat_map(Interest::named).collect()
}
