//! Roles allow what is needed, on what it is needed for.

use super::resource_actions::takes_a_resource;
use super::{Findings, Rule};
use crate::stack::{Spot, Stack, Statement, managed_policies, statements_of_roles};
use fanfare_template::{Piece, Setting, Text, Value};

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

/// What every resource of a deployment has in its ARN, so that naming it narrows nothing.
const PSEUDO_PARAMETERS: [&str; 4] =
    ["AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::URLSuffix"];

/// Services whose ARNs end in a name; those of others in a type and a name, such as `table/orders`.
const WITHOUT_TYPES: [&str; 4] = ["execute-api", "s3", "sns", "sqs"];

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
        let every = resources.filter(|(resource, _)| is_every(&pattern(resource)));
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
        let is_every =
            |value: &Value| value.as_text().is_some_and(|text| is_every(&pattern(&text)));
        for field in fields.iter().filter(|field| is_every(&field.value)) {
            findings.report(
                Spot { place: field.place, ..policy.spot.clone() },
                format!("{} is for every {}", policy.name, field.key),
                format!("Name the one that is meant: `{}: !Ref ...`.", field.key),
            );
        }
    }
}

/// A resource as a pattern of IAM: with `*` for what narrows nothing, and `x` for a name that only AWS knows.
fn pattern(resource: &Text) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Known(text) => text.clone(),
        Piece::Unknown(unknown) if PSEUDO_PARAMETERS.contains(&unknown.name.as_str()) => {
            "*".to_owned()
        }
        _ => "x".to_owned(),
    };
    resource.pieces().iter().map(piece).collect()
}

/// Whether a pattern is `*`, or an ARN that says no more than service, region, account and the resource's type.
fn is_every(pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    match parts.as_slice() {
        ["*"] => true,
        // An ARN may end early in a `*`, which stands for all the rest.
        ["arn", .., last] if parts.len() < 6 => is_wild(last),
        ["arn", _, service, _, _, resource] => names(service, resource).into_iter().all(is_wild),
        _ => false,
    }
}

/// The names in the last part of an ARN: `*` and `*` of `table/*/index/*`.
fn names<'p>(service: &str, resource: &'p str) -> Vec<&'p str> {
    let parts: Vec<&str> = resource.split(['/', ':']).collect();
    match parts.as_slice() {
        [_, _, ..] if !WITHOUT_TYPES.contains(&service) => {
            parts.into_iter().skip(1).step_by(2).collect()
        }
        _ => parts,
    }
}

fn is_wild(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_has_many_spellings() {
        for every in [
            "*",
            "arn:*",
            "arn:aws:sqs:*",
            "arn:aws:sqs:*:*:*",
            "arn:aws:sqs:eu-west-1:123456789012:*",
            "arn:aws:logs:*:*:*:*",
            "arn:aws:logs:eu-west-1:*:log-group:*",
            "arn:aws:s3:::*/*",
            "arn:aws:dynamodb:*:*:table/*/index/*",
            "arn:aws:iam::123456789012:role/*",
        ] {
            assert!(is_every(every), "{every}");
        }
        for some in [
            "arn:aws:s3:::bucket/*",
            "arn:aws:sns:*:*:orders:*",
            "arn:aws:sqs:*:*:orders-*",
            "arn:aws:dynamodb:*:*:table/orders/index/*",
            "arn:aws:logs:*:*:log-group:/aws/lambda/*",
            "arn:aws:ssm:*:*:parameter/shop/*",
            "a",
            "",
        ] {
            assert!(!is_every(some), "{some}");
        }
    }

    #[test]
    fn where_a_stack_is_narrows_nothing_and_what_it_is_called_does() {
        let mut queues = Text::known("arn:aws:sqs:");
        queues.push(Piece::Unknown("AWS::Region".into()));
        queues.push(Piece::Known(":1:".into()));
        let mut own = queues.clone();
        queues.push(Piece::Known("*".into()));
        own.push(Piece::Unknown("AWS::StackName".into()));
        own.push(Piece::Known("-*".into()));

        assert!(is_every(&pattern(&queues)));
        assert!(!is_every(&pattern(&own)));
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
