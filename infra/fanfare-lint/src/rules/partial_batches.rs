//! One failed message does not bring its whole batch back.

use super::{Findings, Rule};
use crate::stack::{Mapping, Source, Stack};
use fanfare_template::Setting;

pub(super) static PARTIAL_BATCH_RESPONSE: Rule = Rule {
    id: "partial-batch-response",
    title: "Queue or stream mapping without ReportBatchItemFailures",
    why: "Without it one bad message makes Lambda deliver its whole batch again, and in the end takes its \
          neighbours to the dead-letter queue.",
    page: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html",
    check,
};

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    for mapping in stack.mappings() {
        match &mapping.source {
            Source::Queue { .. } | Source::Stream => check_mapping(&mapping, findings),
            Source::Unknown(why) => {
                findings.undecided(mapping.spot(&["FunctionResponseTypes"]), why);
            }
            Source::Other => {}
        }
    }
}

fn check_mapping(mapping: &Mapping<'_>, findings: &mut Findings) {
    // A batch of one fails as a whole or not at all.
    if mapping.settings.number(&["BatchSize"]) == Setting::Known(1) {
        return;
    }
    let spot = mapping.spot(&["FunctionResponseTypes"]);
    let types = match mapping.settings.find(&["FunctionResponseTypes"]) {
        Setting::Known(types) => types.each(),
        Setting::Absent => &[],
        Setting::Unknown(why) => return findings.undecided(spot, &why),
    };
    if types.iter().any(|item| item.as_known() == Some("ReportBatchItemFailures")) {
        return;
    }
    if let Some(item) = types.iter().find(|item| item.as_known().is_none()) {
        let text = item.as_text().map(|text| text.to_string());
        return findings.undecided(spot, &text.unwrap_or_default());
    }
    findings.report(
        spot,
        format!("{} cannot say which messages of a batch failed", mapping.name),
        "Add `FunctionResponseTypes: [ReportBatchItemFailures]`, and return the failed messages' identifiers.",
    );
}
