//! A template's sections, and the resources in it: still unresolved.

use super::error::Fault;
use super::globals;
use super::yaml::{Entry, Node, Value};

const SERVERLESS: &str = "AWS::Serverless-2016-10-31";

/// A template, section by section.
pub(super) struct Document {
    pub(super) parameters: Vec<Entry>,
    pub(super) mappings: Vec<Entry>,
    pub(super) conditions: Vec<Entry>,
    pub(super) resources: Vec<Resource>,
    /// What SAM would generate and the template may refer to, such as a function's role.
    pub(super) implied: Vec<Resource>,
    pub(super) outputs: Vec<Entry>,
}

/// One entry of `Resources`.
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) line: usize,
    pub(super) kind: String,
    pub(super) condition: Option<(String, usize)>,
    pub(super) properties: Vec<Entry>,
}

impl Resource {
    pub(super) fn property(&self, name: &str) -> Option<&Node> {
        self.properties.iter().find(|entry| entry.key == name).map(|entry| &entry.value)
    }
}

impl Document {
    pub(super) fn new(root: &Node) -> Result<Self, Fault> {
        let sections = root
            .as_map()
            .ok_or_else(|| Fault::new(root.line, "a template is a map of sections"))?;
        for section in sections {
            check_section(section)?;
        }
        let globals = globals::of_functions(root.get("Globals"))?;
        let mut resources = Vec::new();
        for entry in section(root, "Resources")? {
            resources
                .push(resource(&entry, globals).map_err(|fault| fault.of("resource", &entry.key))?);
        }
        if resources.is_empty() {
            return Err(Fault::new(root.line, "a template needs at least one resource"));
        }
        check_transform(root, &resources)?;
        check_dependencies(root, &resources)?;
        Ok(Self {
            parameters: section(root, "Parameters")?,
            mappings: section(root, "Mappings")?,
            conditions: section(root, "Conditions")?,
            implied: globals::implied(&resources),
            resources,
            outputs: section(root, "Outputs")?,
        })
    }
}

fn check_section(section: &Entry) -> Result<(), Fault> {
    match section.key.as_str() {
        "AWSTemplateFormatVersion"
        | "Description"
        | "Metadata"
        | "Parameters"
        | "Mappings"
        | "Conditions"
        | "Globals"
        | "Resources"
        | "Outputs" => Ok(()),
        "Transform" => {
            let macros = section.value.as_list().unwrap_or(std::slice::from_ref(&section.value));
            match macros.iter().find(|name| name.as_text() != Some(SERVERLESS)) {
                None => Ok(()),
                Some(other) => Err(Fault::new(
                    other.line,
                    format!(
                        "is {}; the local runner knows {SERVERLESS} alone",
                        other.as_text().unwrap_or("a map")
                    ),
                )
                .of("section", "Transform")),
            }
        }
        other => {
            Err(Fault::new(section.line, "is not supported by the local runner")
                .of("section", other))
        }
    }
}

fn check_transform(root: &Node, resources: &[Resource]) -> Result<(), Fault> {
    match resources.iter().find(|resource| resource.kind.starts_with("AWS::Serverless::")) {
        Some(resource) if root.get("Transform").is_none() => {
            let message =
                format!("is of type {}, which needs `Transform: {SERVERLESS}`", resource.kind);
            Err(Fault::new(resource.line, message).of("resource", &resource.id))
        }
        _ => Ok(()),
    }
}

fn check_dependencies(root: &Node, resources: &[Resource]) -> Result<(), Fault> {
    for resource in resources {
        let declared = root.get("Resources").and_then(|section| section.get(&resource.id));
        let Some(on) = declared.and_then(|body| body.get("DependsOn")) else { continue };
        for name in on.as_list().unwrap_or(std::slice::from_ref(on)) {
            if !resources.iter().any(|other| Some(other.id.as_str()) == name.as_text()) {
                let message = format!(
                    "names {}, which is no resource",
                    name.as_text().unwrap_or("something else than text")
                );
                return Err(Fault::new(name.line, message)
                    .of("attribute", "DependsOn")
                    .of("resource", &resource.id));
            }
        }
    }
    Ok(())
}

/// A section's entries; none if the template has no such section.
fn section(root: &Node, name: &str) -> Result<Vec<Entry>, Fault> {
    match root.get(name) {
        None => Ok(Vec::new()),
        Some(node) => entries(node).map_err(|fault| fault.of("section", name)),
    }
}

fn entries(node: &Node) -> Result<Vec<Entry>, Fault> {
    match &node.value {
        Value::Null => Ok(Vec::new()),
        Value::Map(entries) => Ok(entries.clone()),
        _ => Err(Fault::new(node.line, "must be a map")),
    }
}

fn resource(entry: &Entry, globals: Option<&Node>) -> Result<Resource, Fault> {
    let text = |name: &str| match entry.value.get(name) {
        None => Ok(None),
        Some(node) => match node.as_text() {
            Some(text) => Ok(Some((text.to_owned(), node.line))),
            None => Err(Fault::new(node.line, "must be a text").of("attribute", name)),
        },
    };
    for attribute in entries(&entry.value)? {
        check_attribute(&attribute)?;
    }
    let (kind, _) = text("Type")?.ok_or_else(|| Fault::new(entry.line, "has no Type"))?;
    let mut properties = match entry.value.get("Properties") {
        None => Vec::new(),
        Some(node) => entries(node).map_err(|fault| fault.of("attribute", "Properties"))?,
    };
    if let (Some(globals), "AWS::Serverless::Function") = (globals, kind.as_str()) {
        properties = globals::merge_entries(globals, properties);
    }
    Ok(Resource {
        id: entry.key.clone(),
        line: entry.line,
        kind,
        condition: text("Condition")?,
        properties,
    })
}

fn check_attribute(attribute: &Entry) -> Result<(), Fault> {
    match attribute.key.as_str() {
        "Type"
        | "Properties"
        | "Condition"
        | "DependsOn"
        | "DeletionPolicy"
        | "UpdateReplacePolicy"
        | "UpdatePolicy"
        | "Metadata" => Ok(()),
        other => Err(Fault::new(attribute.line, "is not supported by the local runner")
            .of("attribute", other)),
    }
}
