//! Entries of `Resources` and `Outputs`: what stands beside `Properties` and `Value`.

use super::globals::Globals;
use super::{Declaration, Output};
use crate::document::{Content, Entry, Node, Place};
use crate::problem::{Part, Problem, Problems};
use std::collections::BTreeSet;

/// What a resource may have, SAM's own at the end.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html>
const ATTRIBUTES: [&str; 11] = [
    "Type",
    "Properties",
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "UpdatePolicy",
    "UpdateReplacePolicy",
    "Connectors",
    "IgnoreGlobals",
];

/// The resources of a template, `Globals` merged into them.
pub(super) fn resources(
    section: &[Entry],
    globals: Option<&Node>,
    problems: &mut Problems,
) -> Vec<Declaration> {
    let globals = Globals::new(globals);
    let ids: BTreeSet<&str> = section.iter().map(|entry| entry.key.as_str()).collect();
    let mut resources = Vec::new();
    for entry in section {
        match declaration(entry, &globals) {
            Ok(declaration) => resources.push(declaration),
            Err(problem) => problems.push(problem.of(Part::Resource, &entry.key)),
        }
        let faults =
            unknown_attributes(&entry.value).chain(missing_dependencies(&entry.value, &ids));
        problems.extend(faults.map(|problem| problem.of(Part::Resource, &entry.key)));
    }
    resources
}

/// The ids of those that could not be read.
pub(super) fn unread(section: &[Entry], read: &[Declaration]) -> BTreeSet<String> {
    let read: BTreeSet<&str> = read.iter().map(|resource| resource.id.as_str()).collect();
    let ids = section.iter().map(|entry| &entry.key);
    ids.filter(|id| !read.contains(id.as_str())).cloned().collect()
}

/// The outputs of a template.
pub(super) fn outputs(section: &[Entry], problems: &mut Problems) -> Vec<Output> {
    let mut outputs = Vec::new();
    for entry in section {
        match output(entry) {
            Ok(output) => outputs.push(output),
            Err(problem) => problems.push(problem.of(Part::Output, &entry.key)),
        }
    }
    outputs
}

fn declaration(entry: &Entry, globals: &Globals<'_>) -> Result<Declaration, Problem> {
    if entry.value.as_map().is_none() {
        return Err(Problem::invalid(entry.place, "must be a map"));
    }
    let (kind, _) =
        text(&entry.value, "Type")?.ok_or_else(|| Problem::invalid(entry.place, "has no Type"))?;
    let properties = properties(entry)?;
    Ok(Declaration {
        id: entry.key.clone(),
        place: entry.place,
        condition: text(&entry.value, "Condition")?,
        properties: globals.merged(&kind, entry.value.get("IgnoreGlobals"), properties)?,
        metadata: entry.value.get("Metadata").cloned(),
        kind,
    })
}

fn properties(entry: &Entry) -> Result<Node, Problem> {
    match entry.value.get("Properties") {
        None => Ok(Node { place: entry.place, content: Content::Map(Vec::new()) }),
        Some(node) => match &node.content {
            Content::Map(_) => Ok(node.clone()),
            Content::Null => Ok(Node { place: node.place, content: Content::Map(Vec::new()) }),
            _ => {
                Err(Problem::invalid(node.place, "must be a map").of(Part::Attribute, "Properties"))
            }
        },
    }
}

fn output(entry: &Entry) -> Result<Output, Problem> {
    let value = entry.value.get("Value");
    Ok(Output {
        name: entry.key.clone(),
        place: entry.place,
        condition: text(&entry.value, "Condition")?,
        value: value.cloned().ok_or_else(|| Problem::invalid(entry.place, "has no Value"))?,
    })
}

/// An attribute that must be a text, and where it is.
fn text(body: &Node, name: &str) -> Result<Option<(String, Place)>, Problem> {
    match body.get(name) {
        None => Ok(None),
        Some(node) => match node.as_text() {
            Some(text) => Ok(Some((text.to_owned(), node.place))),
            None => Err(Problem::invalid(node.place, "must be a text").of(Part::Attribute, name)),
        },
    }
}

fn unknown_attributes(body: &Node) -> impl Iterator<Item = Problem> {
    let entries = body.as_map().unwrap_or_default().iter();
    let unknown = entries.filter(|entry| !ATTRIBUTES.contains(&entry.key.as_str()));
    unknown.map(|entry| {
        Problem::invalid(entry.place, "is no attribute of a resource")
            .of(Part::Attribute, &entry.key)
    })
}

fn missing_dependencies(body: &Node, ids: &BTreeSet<&str>) -> impl Iterator<Item = Problem> {
    let names = body.get("DependsOn").map_or(&[][..], Node::each).iter();
    let missing = names.filter(|name| !name.as_text().is_some_and(|name| ids.contains(name)));
    missing.map(|name| {
        let text = name.as_text().unwrap_or("something else than text");
        let message = format!("names {text}, which is no resource");
        Problem::invalid(name.place, message).of(Part::Attribute, "DependsOn")
    })
}
