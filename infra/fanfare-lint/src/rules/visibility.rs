//! A queue hides a message for long enough for its function to end, be throttled, and try again.

use super::{Findings, Rule};
use crate::stack::{Located, Mapping, Owner, Source, Stack, timeout};
use fanfare_template::{Resource, Setting};

pub(super) static VISIBILITY_TIMEOUT: Rule = Rule {
    id: "visibility-timeout",
    title: "Visibility timeout under 6 times the function's timeout, plus the batching window",
    why: "A message that becomes visible while its batch is still being worked on, or waits for a throttled \
          function, is delivered twice.",
    page: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
    check,
};

/// Seconds that a queue hides a message if the template does not say.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html>
const DEFAULT_VISIBILITY: i64 = 30;

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    for mapping in stack.mappings() {
        match (&mapping.source, &mapping.function) {
            (Source::Queue { queue: Owner::Resource(queue), .. }, Owner::Resource(function)) => {
                compare(&mapping, queue, function, findings);
            }
            (Source::Queue { queue: Owner::Resource(_), .. }, Owner::Unknown(why))
            | (Source::Queue { queue: Owner::Unknown(why), .. } | Source::Unknown(why), _) => {
                findings.undecided(mapping.spot(&[]), why);
            }
            _ => {}
        }
    }
}

fn compare(mapping: &Mapping<'_>, queue: &Resource, function: &Resource, findings: &mut Findings) {
    let spot = queue.spot(&["VisibilityTimeout"]);
    let visibility = queue.properties.number(&["VisibilityTimeout"]).or_default(DEFAULT_VISIBILITY);
    let window = mapping.settings.number(&["MaximumBatchingWindowInSeconds"]).or_default(0);
    let (visibility, timeout, window) = match (visibility, timeout(function), window) {
        (Setting::Known(visibility), Setting::Known(timeout), Setting::Known(window)) => {
            (visibility, timeout, window)
        }
        (Setting::Unknown(why), ..)
        | (_, Setting::Unknown(why), _)
        | (.., Setting::Unknown(why)) => {
            return findings.undecided(spot, &why);
        }
        _ => return,
    };
    let needed = timeout.saturating_mul(6).saturating_add(window);
    if visibility < needed {
        let plus =
            if window > 0 { format!(" + {window} s batching window") } else { String::new() };
        findings.report(
            spot,
            format!(
                "a message is hidden for {visibility} s, and {} may take {timeout} s: 6 × {timeout} s{plus} = {needed} s",
                function.id
            ),
            format!("Set VisibilityTimeout to {needed} or more, or the function's Timeout lower."),
        );
    }
}
