//! Acceptances have to say what they accept, and why.

use super::Rule;
use crate::acceptance::Acceptance;

pub(crate) static BAD_ACCEPTANCE: Rule = Rule {
    id: "bad-acceptance",
    title: "An accepted finding without a rule that there is, or without a reason",
    why: "A finding may be accepted where the template knows better, and the next reader has to be told why.",
    page: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-metadata.html",
    check: |_, _| {},
};

/// What is wrong with an acceptance, and what to do; `None` if it counts.
pub(crate) fn fault(acceptance: &Acceptance) -> Option<(String, String)> {
    let remedy = "Write `- { Rule: a rule's name, Because: the reason }`; `fanfare lint --rules` lists the names.";
    let reason = match (&acceptance.rule, &acceptance.because) {
        (None, _) => "it names no rule".to_owned(),
        (Some(rule), _) if rule == BAD_ACCEPTANCE.id => "it accepts bad acceptances".to_owned(),
        (Some(rule), _) if super::rule(rule).is_none() => format!("there is no rule {rule:?}"),
        (Some(rule), None) => format!("it accepts {rule} without a reason (`Because`)"),
        (Some(_), Some(_)) => return None,
    };
    Some((reason, remedy.to_owned()))
}
