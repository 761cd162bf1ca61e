//! What SAM makes beside a template's resources, as far as a template may refer to it and its kind is known.
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html>

use super::Declaration;
use crate::document::{Content, Entry, Node};
use std::collections::BTreeSet;

pub(super) fn beside(resources: &[Declaration]) -> Vec<Declaration> {
    let is_function = |resource: &&Declaration| resource.kind == "AWS::Serverless::Function";
    let mut ids: BTreeSet<String> = resources.iter().map(|resource| resource.id.clone()).collect();
    let mut generated = Vec::new();
    for function in resources.iter().filter(is_function) {
        for resource in of_function(function) {
            if ids.insert(resource.id.clone()) {
                generated.push(resource);
            }
        }
    }
    generated
}

fn of_function(function: &Declaration) -> Vec<Declaration> {
    let mut generated = Vec::new();
    if function.property("Role").is_none() {
        generated.push(made(
            function,
            format!("{}Role", function.id),
            "AWS::IAM::Role",
            Vec::new(),
        ));
    }
    if function.property("FunctionUrlConfig").is_some() {
        let target = vec![Entry {
            key: "TargetFunctionArn".to_owned(),
            place: function.place,
            value: arn_of(function),
        }];
        generated.push(made(function, format!("{}Url", function.id), "AWS::Lambda::Url", target));
    }
    if uses_implicit_api(function, "HttpApi", "ApiId") {
        let id = "ServerlessHttpApi".to_owned();
        generated.push(made(function, id, "AWS::Serverless::HttpApi", Vec::new()));
    }
    if uses_implicit_api(function, "Api", "RestApiId") {
        let id = "ServerlessRestApi".to_owned();
        generated.push(made(function, id, "AWS::Serverless::Api", Vec::new()));
    }
    generated
}

fn made(function: &Declaration, id: String, kind: &str, properties: Vec<Entry>) -> Declaration {
    Declaration {
        id,
        place: function.place,
        kind: kind.to_owned(),
        condition: function.condition.clone(),
        properties: Node { place: function.place, content: Content::Map(properties) },
        metadata: None,
    }
}

fn arn_of(function: &Declaration) -> Node {
    let argument = Node::text(function.place, format!("{}.Arn", function.id));
    let call = Entry { key: "Fn::GetAtt".to_owned(), place: function.place, value: argument };
    Node { place: function.place, content: Content::Map(vec![call]) }
}

fn uses_implicit_api(function: &Declaration, kind: &str, reference: &str) -> bool {
    let events = function.property("Events").and_then(Node::as_map).unwrap_or_default();
    events.iter().any(|event| {
        let is_kind = event.value.get("Type").and_then(Node::as_text) == Some(kind);
        let properties = event.value.get("Properties");
        is_kind && properties.and_then(|properties| properties.get(reference)).is_none()
    })
}
