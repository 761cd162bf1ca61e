//! The values of `Parameters`: defaults, overrides, and the template's own rules for them.

use std::collections::BTreeMap;

use super::error::Fault;
use super::yaml::{Entry, Node};

/// Every parameter's value, checked; a list type gives a list.
pub(super) fn values(
    section: &[Entry],
    overrides: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Node>, Fault> {
    if let Some(unknown) =
        overrides.keys().find(|name| !section.iter().any(|entry| entry.key == **name))
    {
        let known: Vec<&str> = section.iter().map(|entry| entry.key.as_str()).collect();
        let message = match known.is_empty() {
            true => "is not in the template, which has none".to_owned(),
            false => format!("is not in the template, which has {}", known.join(", ")),
        };
        return Err(Fault::new(section.first().map_or(1, |entry| entry.line), message)
            .of("parameter", unknown));
    }
    let value = |entry: &Entry| {
        let value = value(entry, overrides.get(&entry.key));
        Ok((entry.key.clone(), value.map_err(|fault| fault.of("parameter", &entry.key))?))
    };
    section.iter().map(value).collect()
}

fn value(entry: &Entry, given: Option<&String>) -> Result<Node, Fault> {
    check_keys(entry)?;
    let kind = entry.value.get("Type").and_then(Node::as_text);
    let kind = kind.ok_or_else(|| Fault::new(entry.line, "has no Type"))?;
    if kind.starts_with("AWS::SSM::") {
        return Err(Fault::new(
            entry.line,
            format!("is of type {kind}, which the local runner cannot look up"),
        ));
    }
    let default = entry.value.get("Default").map(|node| match node.as_text() {
        Some(text) => Ok(text.to_owned()),
        None => Err(Fault::new(node.line, "must have a text or a number as its Default")),
    });
    let text = match (given, default) {
        (Some(given), _) => given.clone(),
        (None, Some(default)) => default?,
        (None, None) => {
            return Err(Fault::new(entry.line, "has no Default and was given no value"));
        }
    };
    let is_list = kind == "CommaDelimitedList" || kind.starts_with("List<");
    if !is_list {
        check(entry, kind, &text)?;
        return Ok(Node::text(entry.line, text));
    }
    let item_kind = kind.trim_start_matches("List<").trim_end_matches('>');
    let items: Vec<&str> = text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
    for item in &items {
        check(entry, item_kind, item)?;
    }
    Ok(Node::list(entry.line, items.into_iter().map(|item| Node::text(entry.line, item)).collect()))
}

fn check_keys(entry: &Entry) -> Result<(), Fault> {
    const KNOWN: [&str; 11] = [
        "Type",
        "Default",
        "Description",
        "AllowedValues",
        "AllowedPattern",
        "ConstraintDescription",
        "MinValue",
        "MaxValue",
        "MinLength",
        "MaxLength",
        "NoEcho",
    ];
    match entry
        .value
        .as_map()
        .unwrap_or_default()
        .iter()
        .find(|key| !KNOWN.contains(&key.key.as_str()))
    {
        Some(key) => Err(Fault::new(key.line, format!("has an unknown key {}", key.key))),
        None => Ok(()),
    }
}

fn check(entry: &Entry, kind: &str, text: &str) -> Result<(), Fault> {
    let fault = |message: String| Fault::new(entry.line, format!("is {text:?} and {message}"));
    if let Some(allowed) = entry.value.get("AllowedValues").and_then(Node::as_list) {
        let allowed: Vec<&str> = allowed.iter().filter_map(Node::as_text).collect();
        if !allowed.contains(&text) {
            return Err(fault(format!("must be one of {}", allowed.join(", "))));
        }
    }
    let size = match kind {
        "Number" => number(text).ok_or_else(|| fault("must be a number".into()))?,
        _ => text.chars().count() as f64,
    };
    let (least, most, of) = match kind {
        "Number" => ("MinValue", "MaxValue", ""),
        _ => ("MinLength", "MaxLength", " characters"),
    };
    let limit = |name: &str| entry.value.get(name).and_then(Node::as_text).and_then(number);
    match (limit(least), limit(most)) {
        (Some(least), _) if size < least => Err(fault(format!("must be at least {least}{of}"))),
        (_, Some(most)) if size > most => Err(fault(format!("must be at most {most}{of}"))),
        _ => Ok(()),
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}
