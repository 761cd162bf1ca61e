//! Roles allow what is needed, on what it is needed for.

use super::resource_actions::takes_a_resource;
use super::{Findings, Rule};
use crate::stack::{Spot, Stack, Statement, managed_policies, statements_of_roles};
use crate::template::{Setting, Text, Value};

pub(super) static WILDCARD_ACTION: Rule = Rule {
    id: "wildcard-action",
    title: "Role that may do everything, or everything of a service",
    why: "A function that is taken over can do all that its role allows. Wide prefixes such as `s3:Get*` are \
          not reported: they name a kind of access.",
    page: "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    check: check_actions,
};

pub(super) static WILDCARD_RESOURCE: Rule = Rule {
    id: "wildcard-resource",
    title: "Role that may do to every resource what can be allowed for one",
    why: "A function that is taken over reaches every queue, table and secret of the account.",
    page: "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    check: check_resources,
};

/// SAM policy templates that allow a whole service.
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html>
const WIDE_TEMPLATES: [&str; 1] = ["TextractPolicy"];

fn check_actions(stack: &Stack<'_>, findings: &mut Findings) {
    for statement in statements_of_roles(stack) {
        if let Some(why) = statement.why_unknown() {
            findings.undecided(statement.spot.clone(), why);
        }
        if !statement.allows() {
            continue;
        }
        for (action, spot) in wide_actions(&statement) {
            findings.report(
                spot,
                format!("it allows {action}"),
                "Name the actions that are called.",
            );
        }
    }
    for policy in managed_policies(stack) {
        if policy.name.as_known().is_some_and(is_wide_policy) {
            findings.report(
                policy.spot,
                format!("{} allows everything of a service, or of all", policy.name),
                "Write a policy with the actions that are called, on the resources that they are called for.",
            );
        }
    }
}

fn wide_actions(statement: &Statement<'_>) -> Vec<(String, Spot)> {
    let wide = |(action, spot): (Text, Spot)| {
        let action = action.as_known()?;
        is_wide(action).then(|| (format!("`{action}`"), spot))
    };
    let wide = statement.items("Action").into_iter().filter_map(wide);
    let all_but = statement.items("NotAction").into_iter().take(1);
    wide.chain(all_but.map(|(_, spot)| ("everything but `NotAction`".to_owned(), spot))).collect()
}

fn is_wide(action: &str) -> bool {
    action == "*" || action.split_once(':').is_some_and(|(_, name)| name.bytes().all(|b| b == b'*'))
}

/// Whether a policy of AWS's own, or of SAM, is one of those that allow a service as a whole.
fn is_wide_policy(name: &str) -> bool {
    let (arn, name) = name.rsplit_once('/').unwrap_or(("", name));
    let is_of_aws = arn.is_empty() || arn.contains(":aws:policy");
    is_of_aws
        && (name.ends_with("FullAccess")
            || matches!(name, "AdministratorAccess" | "PowerUserAccess")
            || WIDE_TEMPLATES.contains(&name))
}

fn check_resources(stack: &Stack<'_>, findings: &mut Findings) {
    for statement in statements_of_roles(stack).iter().filter(|statement| statement.allows()) {
        let resources = statement.items("Resource").into_iter();
        let every = resources.filter(|(resource, _)| resource.as_known().is_some_and(is_every));
        let Some((resource, spot)) = every.into_iter().next() else { continue };
        let actions = statement.items("Action").into_iter().filter_map(|(action, _)| {
            action
                .as_known()
                .filter(|action| !is_wide(action) && takes_a_resource(action))
                .map(str::to_owned)
        });
        let actions: Vec<String> = actions.collect();
        match (actions.as_slice(), statement.is_narrowed_to_something()) {
            ([], _) | (_, Setting::Known(true)) => {}
            (_, Setting::Unknown(why)) => findings.undecided(spot, &why),
            (actions, Setting::Known(false) | Setting::Absent) => findings.report(
                spot,
                format!("it allows {} on {resource}, and AWS takes a finer resource", actions.join(", ")),
                "Name the resources by their ARN; leave what takes `*` alone in a statement of its own.",
            ),
        }
    }
    for policy in managed_policies(stack) {
        let fields = policy.parameters.map_or(&[][..], Value::fields);
        for field in fields.iter().filter(|field| field.value.as_known() == Some("*")) {
            findings.report(
                Spot { place: field.place, ..policy.spot.clone() },
                format!("{} is for every {}", policy.name, field.key),
                format!("Name the one that is meant: `{}: !Ref ...`.", field.key),
            );
        }
    }
}

/// Whether a resource is `*`, or an ARN that says no more than the service.
fn is_every(resource: &str) -> bool {
    let mut parts = resource.splitn(6, ':');
    match (parts.next(), parts.next()) {
        (Some("*"), None) => true,
        (Some("arn"), Some(_)) => {
            parts.skip(1).all(|part| part.split(':').all(|p| matches!(p, "" | "*")))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_has_many_spellings() {
        for every in ["*", "arn:aws:sqs:*:*:*", "arn:aws:logs:*:*:*:*", "arn:aws:s3:::*", "arn:*"] {
            assert!(is_every(every), "{every}");
        }
        for some in ["arn:aws:s3:::bucket/*", "arn:aws:dynamodb:*:*:table/*", "a", ""] {
            assert!(!is_every(some), "{some}");
        }
    }

    #[test]
    fn wide_policies_are_known_by_their_names() {
        for wide in
            ["AmazonSQSFullAccess", "arn:aws:iam::aws:policy/AdministratorAccess", "TextractPolicy"]
        {
            assert!(is_wide_policy(wide), "{wide}");
        }
        for narrow in [
            "AWSLambdaBasicExecutionRole",
            "SQSPollerPolicy",
            "arn:aws:iam::1:policy/OurFullAccess",
        ] {
            assert!(!is_wide_policy(narrow), "{narrow}");
        }
    }
}
