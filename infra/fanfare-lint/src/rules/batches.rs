//! Batches have a size that AWS accepts.

use super::{Findings, Rule};
use crate::stack::{Mapping, Source, Stack};
use fanfare_template::Setting;

pub(super) static BATCH_WINDOW: Rule = Rule {
    id: "batch-window",
    title: "Queue mapping with a batch of more than 10 and no batching window",
    why: "SQS gives 10 messages at a time: AWS refuses a larger batch without a window to collect it in.",
    page: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html",
    check: check_window,
};

pub(super) static FIFO_BATCH: Rule = Rule {
    id: "fifo-batch",
    title: "FIFO queue mapping with a batch of more than 10",
    why: "AWS takes 10 messages at most from a FIFO queue, and refuses the mapping.",
    page: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html",
    check: check_fifo,
};

/// The largest batch that needs no window, and that a FIFO queue gives.
const LARGEST: i64 = 10;

fn check_window(stack: &Stack<'_>, findings: &mut Findings) {
    for (mapping, size, is_fifo) in large_batches(stack, findings) {
        if is_fifo == Setting::Known(true) {
            continue;
        }
        let window = mapping.settings.number(&["MaximumBatchingWindowInSeconds"]).or_default(0);
        match window {
            Setting::Known(..=0) => findings.report(
                mapping.spot(&["BatchSize"]),
                format!(
                    "{} asks for {size} messages and gives no time to collect them",
                    mapping.name
                ),
                "Set MaximumBatchingWindowInSeconds to 1 or more, or BatchSize to 10 or less.",
            ),
            Setting::Unknown(why) => {
                findings.undecided(mapping.spot(&["MaximumBatchingWindowInSeconds"]), &why);
            }
            Setting::Known(_) | Setting::Absent => {}
        }
    }
}

fn check_fifo(stack: &Stack<'_>, findings: &mut Findings) {
    for (mapping, size, is_fifo) in large_batches(stack, findings) {
        match is_fifo {
            Setting::Known(true) => findings.report(
                mapping.spot(&["BatchSize"]),
                format!("{} asks for {size} messages of a FIFO queue", mapping.name),
                "Set BatchSize to 10 or less.",
            ),
            Setting::Unknown(why) => findings.undecided(mapping.spot(&["BatchSize"]), &why),
            Setting::Known(false) | Setting::Absent => {}
        }
    }
}

/// Queue mappings with batches of more than 10: the size, and whether the queue is a FIFO queue.
fn large_batches<'t>(
    stack: &Stack<'t>,
    findings: &mut Findings,
) -> Vec<(Mapping<'t>, i64, Setting<bool>)> {
    let mut large = Vec::new();
    for mapping in stack.mappings() {
        let Source::Queue { is_fifo, .. } = &mapping.source else { continue };
        match mapping.settings.number(&["BatchSize"]) {
            Setting::Known(size) if size > LARGEST => {
                let is_fifo = is_fifo.clone();
                large.push((mapping, size, is_fifo));
            }
            Setting::Unknown(why) => findings.undecided(mapping.spot(&["BatchSize"]), &why),
            Setting::Known(_) | Setting::Absent => {}
        }
    }
    large
}
