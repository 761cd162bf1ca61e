//! A function's logs end at some time.

use super::{Findings, Rule};
use crate::stack::{Located, Stack};
use fanfare_template::{Piece, Resource, Setting, Text};

pub(super) static LOG_RETENTION: Rule = Rule {
    id: "log-retention",
    title: "Function whose logs are kept for ever",
    why: "A log group that Lambda makes by itself never expires: it costs more every month, and keeps what \
          it should not.",
    page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    check,
};

/// Log groups; the second is how the CDK sets the retention of one that Lambda made.
const KINDS: &[&str] = &["AWS::Logs::LogGroup", "Custom::LogRetention"];

/// Which log group of the template a function writes to.
enum Group<'t> {
    Here(&'t Resource),
    /// None of the template's: Lambda makes it.
    MadeByLambda,
    Unknown(String),
}

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    for function in stack.functions() {
        let group = match group(stack, function) {
            Group::Here(group) => group,
            Group::Unknown(why) => {
                findings.undecided(function.whole(), &why);
                continue;
            }
            Group::MadeByLambda => {
                findings.report(
                    function.whole(),
                    "no log group of the template is its own, so Lambda makes one that keeps logs for ever",
                    format!(
                        "Add an AWS::Logs::LogGroup named /aws/lambda/{} with RetentionInDays.",
                        stack.function_name(function)
                    ),
                );
                continue;
            }
        };
        let spot = group.spot(&["RetentionInDays"]);
        match group.properties.find(&["RetentionInDays"]) {
            Setting::Known(_) => {}
            Setting::Unknown(why) => findings.undecided(spot, &why),
            Setting::Absent => findings.report(
                spot,
                format!("the logs of {} are kept for ever", function.id),
                "Set RetentionInDays.",
            ),
        }
    }
}

fn group<'t>(stack: &Stack<'t>, function: &Resource) -> Group<'t> {
    let given = function.properties.find_text(&["LoggingConfig", "LogGroup"]).known();
    let name = match &given {
        Some(name) => name.clone(),
        None => {
            let mut name = Text::known("/aws/lambda/");
            name.append(stack.function_name(function));
            name
        }
    };
    let name = stack.with_function_names(&name);
    let mut may_be = None;
    for group in stack.of_kinds(KINDS) {
        if name == Text::of(Piece::Reference(group.id.clone())) {
            return Group::Here(group);
        }
        let Some(own) = group.properties.find_text(&["LogGroupName"]).known() else { continue };
        let own = stack.with_function_names(&own);
        if own == name {
            return Group::Here(group);
        }
        if own.may_equal(&name) {
            may_be = Some(&group.id);
        }
    }
    match (may_be, given) {
        (Some(group), _) => Group::Unknown(format!("whether {group} is its log group")),
        (None, Some(given)) => Group::Unknown(format!("{given}, which is not in the template")),
        (None, None) => Group::MadeByLambda,
    }
}
