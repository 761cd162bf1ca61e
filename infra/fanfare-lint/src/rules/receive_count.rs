//! A message is tried often enough before it is given up.

use super::{Findings, Rule};
use crate::stack::{Located, Mapping, Owner, Source, Stack};
use fanfare_template::Setting;
use std::collections::BTreeSet;

pub(super) static MAX_RECEIVE_COUNT: Rule = Rule {
    id: "max-receive-count",
    title: "maxReceiveCount under 5, or under 1000 before a consumer that counts tries itself",
    why: "Throttling and short outages count as receives: with a few of them, messages that nothing is wrong \
          with end up in the dead-letter queue.",
    page: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
    check,
};

/// Receives that AWS asks for.
const LEAST: i64 = 5;
/// The most that SQS takes, for a consumer that counts tries itself: being held back while a dependency is out of order is a
/// receive too, and 12 hours of it can be hundreds.
const COUNTED_BY_THE_CONSUMER: i64 = 1000;

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    let counting = queues_of_counting_consumers(stack);
    for queue in stack.queues() {
        let Setting::Known(policy) = queue.properties.find(&["RedrivePolicy"]) else { continue };
        let spot = queue.spot(&["RedrivePolicy", "maxReceiveCount"]);
        let (least, why, remedy) = match counting.contains(queue.id.as_str()) {
            true => (
                COUNTED_BY_THE_CONSUMER,
                ", which being held back uses up too",
                "Set maxReceiveCount to 1000: the consumer counts tries itself, up to MAX_TRIES.",
            ),
            false => (LEAST, "", "Set maxReceiveCount to 5 or more."),
        };
        match policy.as_document().number(&["maxReceiveCount"]) {
            Setting::Known(count) if count < least => findings.report(
                spot,
                format!("a message is given up after {count} receives{why}"),
                remedy.to_owned(),
            ),
            Setting::Unknown(why) => findings.undecided(spot, &why),
            Setting::Known(_) | Setting::Absent => {}
        }
    }
}

/// The queues whose function has a ledger, by which the consumer runtime counts.
fn queues_of_counting_consumers<'t>(stack: &Stack<'t>) -> BTreeSet<&'t str> {
    let queue = |mapping: &Mapping<'t>| match (&mapping.source, &mapping.function) {
        (Source::Queue { queue: Owner::Resource(queue), .. }, Owner::Resource(function)) => {
            let ledger = function.properties.find(&["Environment", "Variables", "LEDGER_TABLE"]);
            let has_ledger = !matches!(ledger, Setting::Absent);
            has_ledger.then_some(queue.id.as_str())
        }
        _ => None,
    };
    stack.mappings().iter().filter_map(queue).collect()
}
