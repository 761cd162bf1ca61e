//! The way in: a file and its context become a stack.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::document::Document;
use super::error::{Fault, TemplateError};
use super::scope::Scope;
use super::stack::Stack;
use super::yaml::{Entry, Node};
use super::{checks, parameters, resources, yaml};

/// What a template does not say about the stack that is made of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// `AWS::StackName`, and the beginning of every name that the template leaves open.
    pub stack_name: String,
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::AccountId`, twelve digits.
    pub account_id: String,
    /// Where the AWS services are, without a slash at the end: `http://127.0.0.1:4566`.
    pub endpoint: String,
    /// Where the HTTP front is, without a slash at the end: `http://127.0.0.1:8080`.
    pub api_endpoint: String,
    /// Values for the template's `Parameters`, instead of their defaults.
    pub parameters: BTreeMap<String, String>,
}

/// Reads a template, resolves it and checks that the runner can do all that it asks for.
///
/// Nothing is created, and no code that a function names needs to be there.
///
/// # Errors
/// The first thing found that is wrong, or that the runner can't do: it names the line, and the resource
/// and property if it is one's.
pub fn load(path: &Path, context: &Context) -> Result<Stack, TemplateError> {
    let unreadable = |source| TemplateError::Unreadable { path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let absolute = std::path::absolute(path).map_err(unreadable)?;
    let folder = absolute.parent().map(Path::to_owned).unwrap_or_default();
    stack(&text, folder, context).map_err(|fault| fault.into_error(path.to_owned()))
}

pub(super) fn stack(text: &str, folder: PathBuf, context: &Context) -> Result<Stack, Fault> {
    let document = Document::new(&yaml::parse(text)?)?;
    let parameters = parameters::values(&document.parameters, &context.parameters)?;
    let scope = Scope::new(context, &document, parameters, folder);
    for condition in &document.conditions {
        scope.condition(&condition.key, condition.line)?;
    }
    let mut stack = Stack::default();
    for resource in &document.resources {
        if scope.is_active(resource)? {
            let added = resources::add(&scope, resource, &mut stack);
            added.map_err(|fault| fault.of("resource", &resource.id))?;
        }
    }
    for entry in &document.outputs {
        let value = output(&scope, entry).map_err(|fault| fault.of("output", &entry.key))?;
        stack.outputs.extend(value.map(|value| (entry.key.clone(), value)));
    }
    checks::check(&stack, &document)?;
    Ok(stack)
}

fn output(scope: &Scope<'_>, entry: &Entry) -> Result<Option<String>, Fault> {
    if let Some(condition) = entry.value.get("Condition").and_then(Node::as_text)
        && !scope.condition(condition, entry.line)?
    {
        return Ok(None);
    }
    let value = entry.value.get("Value").ok_or_else(|| Fault::new(entry.line, "has no Value"))?;
    scope.text(value).map(Some)
}

/// Takes `.` and `..` out of an absolute path, without asking the disk: the path need not exist.
pub(super) fn normalise(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}
