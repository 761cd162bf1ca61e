//! The values of `Parameters`: what was given, the stage, the defaults.

use super::node::{Entry, Node};
use super::text::Text;
use super::value::{Kind, Value};
use crate::Options;
use crate::stage;
use std::collections::BTreeMap;

/// Every parameter's value; unknown if it has none here.
pub(super) fn values(root: &Node, options: &Options) -> BTreeMap<String, Value> {
    let section = root.get("Parameters").and_then(Node::as_map).unwrap_or_default();
    section.iter().map(|entry| (entry.key.clone(), value(entry, options))).collect()
}

fn value(entry: &Entry, options: &Options) -> Value {
    let unknown = Value::unknown(entry.place, entry.key.as_str());
    let kind = entry.value.get("Type").and_then(Node::as_text).unwrap_or("String");
    // The value of such a parameter is the name of what is looked up at deployment.
    if kind.starts_with("AWS::SSM::Parameter") {
        return unknown;
    }
    let given = options.parameters.get(&entry.key).cloned();
    let default = || entry.value.get("Default").and_then(Node::as_text).map(str::to_owned);
    let Some(text) = given.or_else(|| of_stage(entry, options)).or_else(default) else {
        return unknown;
    };
    if kind != "CommaDelimitedList" && !kind.starts_with("List<") {
        return Value::text(entry.place, Text::known(text));
    }
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    let items = items.map(|item| Value::text(entry.place, Text::known(item))).collect();
    Value { place: entry.place, kind: Kind::List(items) }
}

/// The stage, for a parameter that is about it and allows it.
fn of_stage(entry: &Entry, options: &Options) -> Option<String> {
    if !stage::is_parameter(&entry.key) {
        return None;
    }
    match entry.value.get("AllowedValues").and_then(Node::as_list) {
        None => Some(options.stage.clone()),
        Some(allowed) => {
            let mut allowed = allowed.iter().filter_map(Node::as_text);
            allowed.find(|value| stage::is_same(value, &options.stage)).map(str::to_owned)
        }
    }
}
