//! A message is tried often enough before it is given up.

use super::{Findings, Rule};
use crate::stack::{Located, Stack};
use fanfare_template::Setting;

pub(super) static MAX_RECEIVE_COUNT: Rule = Rule {
    id: "max-receive-count",
    title: "maxReceiveCount under 5",
    why: "Throttling and short outages count as receives: with a few of them, messages that nothing is wrong \
          with end up in the dead-letter queue.",
    page: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
    check,
};

/// Receives that AWS asks for.
const LEAST: i64 = 5;

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    for queue in stack.queues() {
        let Setting::Known(policy) = queue.properties.find(&["RedrivePolicy"]) else { continue };
        let spot = queue.spot(&["RedrivePolicy", "maxReceiveCount"]);
        match policy.as_document().number(&["maxReceiveCount"]) {
            Setting::Known(count) if count < LEAST => findings.report(
                spot,
                format!("a message is given up after {count} receives"),
                format!("Set maxReceiveCount to {LEAST} or more."),
            ),
            Setting::Unknown(why) => findings.undecided(spot, &why),
            Setting::Known(_) | Setting::Absent => {}
        }
    }
}
