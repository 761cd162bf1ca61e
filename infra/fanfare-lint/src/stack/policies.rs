//! Policies: who may do what to queues and topics, and what roles may do.

use super::{Located, Owner, Spot, Stack, Statement};
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

/// The statements of what policies say of this queue, or `None` if it has no policy. Unknown: which queues a policy is for.
pub(crate) fn queue_policies<'t>(
    stack: &Stack<'t>,
    queue: &Resource,
) -> Setting<Vec<Statement<'t>>> {
    let mut found: Setting<Vec<Statement<'t>>> = Setting::Absent;
    let policies = stack.of_kinds(&["AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy"]);
    for policy in policies {
        let named = ["Queues", "Queue"].into_iter().find_map(|key| policy.properties.field(key));
        for text in
            named.map_or(&[][..], |field| field.value.each()).iter().filter_map(Value::as_text)
        {
            match (stack.queue_of(&text), &mut found) {
                (Owner::Resource(other), found) if other.id == queue.id => {
                    let more = document(&policy.properties, &policy.whole());
                    match found {
                        Setting::Known(statements) => statements.extend(more),
                        Setting::Absent | Setting::Unknown(_) => *found = Setting::Known(more),
                    }
                }
                (Owner::Unknown(why), found @ Setting::Absent) => *found = Setting::Unknown(why),
                _ => {}
            }
        }
    }
    found
}

/// The statements of every policy that is given to a role, a user or a group, or made for that.
pub(crate) fn statements_of_roles<'t>(stack: &Stack<'t>) -> Vec<Statement<'t>> {
    let boundaries = boundaries(stack);
    // A boundary gives nothing: it is usually wide, and a limit on what is given elsewhere.
    let gives = |resource: &&&Resource| !boundaries.contains(&resource.id);
    let resources: Vec<&Resource> = stack.known.resources.iter().collect();
    resources.iter().filter(gives).flat_map(|resource| statements_of(resource)).collect()
}

/// The statements of what this resource gives, be it a role, a policy or a function.
pub(super) fn statements_of(resource: &Resource) -> Vec<Statement<'_>> {
    match resource.kind.as_str() {
        "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group" => {
            let policies = items(resource, "Policies").into_iter();
            policies.flat_map(|(item, spot)| document(item, &spot)).collect()
        }
        "AWS::IAM::Policy"
        | "AWS::IAM::ManagedPolicy"
        | "AWS::IAM::RolePolicy"
        | "AWS::IAM::UserPolicy"
        | "AWS::IAM::GroupPolicy" => document(&resource.properties, &resource.whole()),
        "AWS::Serverless::Function" | "AWS::Serverless::StateMachine" => {
            let policies = items(resource, "Policies").into_iter();
            policies.flat_map(|(item, spot)| statements_in(item, &spot)).collect()
        }
        _ => Vec::new(),
    }
}

/// The policies that roles and functions take by name.
pub(crate) fn managed_policies<'t>(stack: &Stack<'t>) -> Vec<NamedPolicy<'t>> {
    stack.known.resources.iter().flat_map(named_policies_of).collect()
}

/// The policies that this role or function takes by name.
pub(super) fn named_policies_of(resource: &Resource) -> Vec<NamedPolicy<'_>> {
    let property = match resource.kind.as_str() {
        "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group" => "ManagedPolicyArns",
        "AWS::Serverless::Function" | "AWS::Serverless::StateMachine" => "Policies",
        _ => return Vec::new(),
    };
    let mut named = Vec::new();
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
