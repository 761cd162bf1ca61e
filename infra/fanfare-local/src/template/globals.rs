//! What SAM adds to a template: `Globals.Function` merged into the functions, and the resources it
//! would generate as far as a template may refer to them.

use super::document::Resource;
use super::error::Fault;
use super::yaml::{Entry, Node, Value};

pub(super) fn of_functions(globals: Option<&Node>) -> Result<Option<&Node>, Fault> {
    let Some(globals) = globals else { return Ok(None) };
    for entry in globals.as_map().unwrap_or_default() {
        if entry.key != "Function" {
            return Err(Fault::new(entry.line, "is not supported by the local runner")
                .of("section", &format!("Globals.{}", entry.key)));
        }
    }
    Ok(globals.get("Function"))
}

/// SAM's rule: maps are merged, lists are additive (the global items first), anything else is the
/// resource's own. <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>
pub(super) fn merge_entries(globals: &Node, own: Vec<Entry>) -> Vec<Entry> {
    let mut merged = own;
    for global in globals.as_map().unwrap_or_default() {
        match merged.iter_mut().find(|entry| entry.key == global.key) {
            Some(entry) => entry.value = merge(&global.value, entry.value.clone()),
            None => merged.push(global.clone()),
        }
    }
    merged
}

fn merge(global: &Node, own: Node) -> Node {
    // A function such as `!Ref X` is a scalar in the making, so it overrides like one.
    if global.as_function().is_some() || own.as_function().is_some() {
        return own;
    }
    match (&global.value, own.value) {
        (Value::Map(_), Value::Map(entries)) => Node::map(own.line, merge_entries(global, entries)),
        (Value::List(items), Value::List(own_items)) => {
            Node::list(own.line, items.iter().cloned().chain(own_items).collect())
        }
        (_, value) => Node { line: own.line, value },
    }
}

pub(super) fn implied(resources: &[Resource]) -> Vec<Resource> {
    let functions =
        resources.iter().filter(|resource| resource.kind == "AWS::Serverless::Function");
    let mut implied: Vec<Resource> = Vec::new();
    for function in functions {
        if function.property("Role").is_none() {
            implied.push(beside(
                function,
                format!("{}Role", function.id),
                "AWS::IAM::Role",
                Vec::new(),
            ));
        }
        if function.property("FunctionUrlConfig").is_some() {
            let target = Node::map(function.line, vec![get_arn(function)]);
            let target =
                Entry { key: "TargetFunctionArn".into(), line: function.line, value: target };
            implied.push(beside(
                function,
                format!("{}Url", function.id),
                "AWS::Lambda::Url",
                vec![target],
            ));
        }
        if uses_default_api(function)
            && !implied.iter().any(|other| other.id == "ServerlessHttpApi")
        {
            implied.push(beside(
                function,
                "ServerlessHttpApi".into(),
                "AWS::Serverless::HttpApi",
                Vec::new(),
            ));
        }
    }
    implied
}

fn beside(function: &Resource, id: String, kind: &str, properties: Vec<Entry>) -> Resource {
    Resource {
        id,
        line: function.line,
        kind: kind.into(),
        condition: function.condition.clone(),
        properties,
    }
}

fn get_arn(function: &Resource) -> Entry {
    let argument = Node::text(function.line, format!("{}.Arn", function.id));
    Entry { key: "Fn::GetAtt".into(), line: function.line, value: argument }
}

fn uses_default_api(function: &Resource) -> bool {
    let events = function.property("Events").and_then(Node::as_map).unwrap_or_default();
    events.iter().any(|event| {
        let is_http = event.value.get("Type").and_then(Node::as_text) == Some("HttpApi");
        is_http
            && event
                .value
                .get("Properties")
                .and_then(|properties| properties.get("ApiId"))
                .is_none()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::yaml;
    use super::*;

    #[test]
    fn maps_merge_lists_add_up_and_scalars_are_the_function_s_own() {
        let yaml = "{ Map: { a: 1, b: 1 }, List: [1], Scalar: 1, Computed: { x: 1 }, Alone: 1 }";
        let globals = yaml::parse(yaml).expect("YAML");
        let own =
            yaml::parse("{ Map: { b: 2 }, List: [2], Scalar: 2, Computed: !Ref P }").expect("YAML");

        let merged = merge_entries(&globals, own.as_map().expect("a map").to_vec());

        assert_eq!(
            Node::map(1, merged).to_json(),
            json!({
                "Map": { "a": 1, "b": 2 },
                "List": [1, 2],
                "Scalar": 2,
                "Computed": { "Ref": "P" },
                "Alone": 1,
            })
        );
    }
}
