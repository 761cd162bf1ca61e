//! Policies: who may do what to queues and topics, and what roles may do.

use super::{Located, Spot, Stack, Statement};
use fanfare_template::{Resource, Setting, Text, Value};

/// A policy that is taken by its name: one of AWS's own, or a SAM policy template.
pub(crate) struct NamedPolicy<'t> {
    pub(crate) spot: Spot,
    /// Its name or ARN.
    pub(crate) name: Text,
    /// What a policy template is filled with.
    pub(crate) parameters: Option<&'t Value>,
}

/// The statements of every queue's and topic's policy.
pub(crate) fn statements_about_queues_and_topics<'t>(stack: &Stack<'t>) -> Vec<Statement<'t>> {
    let policies = stack.of_kinds(&[
        "AWS::SQS::QueuePolicy",
        "AWS::SQS::QueueInlinePolicy",
        "AWS::SNS::TopicPolicy",
        "AWS::SNS::TopicInlinePolicy",
    ]);
    policies.flat_map(|policy| document(&policy.properties, &policy.whole())).collect()
}

/// The statements of every policy that is given to a role, a user or a group, or made for that.
pub(crate) fn statements_of_roles<'t>(stack: &Stack<'t>) -> Vec<Statement<'t>> {
    let boundaries = boundaries(stack);
    let mut statements = Vec::new();
    for resource in &stack.known.resources {
        match resource.kind.as_str() {
            "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group" => {
                for (item, spot) in items(resource, "Policies") {
                    statements.extend(document(item, &spot));
                }
            }
            // A boundary gives nothing: it is usually wide, and a limit on what is given elsewhere.
            "AWS::IAM::ManagedPolicy" if boundaries.contains(&resource.id) => {}
            "AWS::IAM::Policy"
            | "AWS::IAM::ManagedPolicy"
            | "AWS::IAM::RolePolicy"
            | "AWS::IAM::UserPolicy"
            | "AWS::IAM::GroupPolicy" => {
                statements.extend(document(&resource.properties, &resource.whole()));
            }
            "AWS::Serverless::Function" | "AWS::Serverless::StateMachine" => {
                for (item, spot) in items(resource, "Policies") {
                    statements.extend(statements_in(item, &spot));
                }
            }
            _ => {}
        }
    }
    statements
}

/// The policies that roles and functions take by name.
pub(crate) fn managed_policies<'t>(stack: &Stack<'t>) -> Vec<NamedPolicy<'t>> {
    let mut named = Vec::new();
    for resource in &stack.known.resources {
        let property = match resource.kind.as_str() {
            "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group" => "ManagedPolicyArns",
            "AWS::Serverless::Function" | "AWS::Serverless::StateMachine" => "Policies",
            _ => continue,
        };
        for (item, spot) in items(resource, property) {
            if let Some(name) = item.as_text() {
                named.push(NamedPolicy { spot, name: name.into_owned(), parameters: None });
            } else if let [template] = item.fields() {
                named.push(NamedPolicy {
                    spot: Spot { place: template.place, ..spot },
                    name: Text::known(template.key.as_str()),
                    parameters: Some(&template.value),
                });
            }
        }
    }
    named
}

fn boundaries(stack: &Stack<'_>) -> Vec<String> {
    let named = |resource: &Resource| {
        let text = resource.properties.find_text(&["PermissionsBoundary"]).known()?;
        text.resource().map(str::to_owned)
    };
    stack.known.resources.iter().filter_map(named).collect()
}

fn items<'t>(resource: &'t Resource, property: &str) -> Vec<(&'t Value, Spot)> {
    let Some(field) = resource.properties.field(property) else { return Vec::new() };
    let spot = resource.spot(&[property]);
    let items = field.value.each().iter().enumerate();
    items.map(|(index, item)| (item, spot.item(index, item.place))).collect()
}

fn document<'t>(holder: &'t Value, spot: &Spot) -> Vec<Statement<'t>> {
    match holder.find(&["PolicyDocument"]) {
        Setting::Known(document) => {
            statements_in(document, &spot.below(holder, &["PolicyDocument"]))
        }
        _ => Vec::new(),
    }
}

fn statements_in<'t>(document: &'t Value, spot: &Spot) -> Vec<Statement<'t>> {
    let Some(field) = document.field("Statement") else { return Vec::new() };
    let spot = spot.below(document, &["Statement"]);
    let items = field.value.each().iter().enumerate();
    items.map(|(index, item)| Statement::new(spot.item(index, item.place), item)).collect()
}
