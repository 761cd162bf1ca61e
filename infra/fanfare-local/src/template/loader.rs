//! The way in: a file and its context become a stack.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use fanfare_template::{
    Declaration, Inputs, Output, Part, Problem, Problems, Resolver, StackIdentity, Template,
};

use super::error::TemplateError;
use super::scope::{Local, Scope, known_text};
use super::stack::Stack;
use super::{checks, resources, unsupported};

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
/// All that is wrong, or that the runner can't do, by line: with the resource and property if it is one's.
pub fn load(path: &Path, context: &Context) -> Result<Stack, TemplateError> {
    let unreadable = |source| TemplateError::Unreadable { path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let absolute = std::path::absolute(path).map_err(unreadable)?;
    let folder = absolute.parent().map(Path::to_owned).unwrap_or_default();
    stack(&text, &folder, context)
        .map_err(|problems| TemplateError::Invalid { file: path.to_owned(), problems })
}

pub(super) fn stack(text: &str, folder: &Path, context: &Context) -> Result<Stack, Vec<Problem>> {
    let stack = StackIdentity {
        name: context.stack_name.clone(),
        region: context.region.clone(),
        account_id: context.account_id.clone(),
    };
    let inputs = Inputs { parameters: context.parameters.clone(), stack: Some(stack.clone()) };
    let template = Template::read(text, &inputs)
        .map_err(|unreadable| vec![Problem::invalid(unreadable.place, unreadable.reason)])?;
    let mut problems = template.problems.clone();
    problems.extend(unsupported::parts(&template));
    problems.extend(parameters(&template, &context.parameters));
    let local = Local { context, stack, folder };
    let resolver = Resolver::new(&template, &local);
    let stack = build(&Scope { local: &local, resolver: &resolver }, &mut problems);
    problems.extend(resolver.into_problems());
    if problems.is_empty() {
        problems.extend(checks::check(&stack, &template));
    }
    match problems.is_empty() {
        true => Ok(stack),
        false => Err(problems.into_sorted()),
    }
}

fn build(scope: &Scope<'_>, problems: &mut Problems) -> Stack {
    let template = scope.resolver.template();
    let mut stack = Stack::default();
    for resource in &template.resources {
        if let Err(problem) = add(scope, resource, &mut stack) {
            problems.push(problem.of(Part::Resource, &resource.id));
        }
    }
    for entry in &template.outputs {
        match output(scope, entry) {
            Ok(value) => stack.outputs.extend(value.map(|value| (entry.name.clone(), value))),
            Err(problem) => problems.push(problem.of(Part::Output, &entry.name)),
        }
    }
    stack
}

fn add(scope: &Scope<'_>, resource: &Declaration, stack: &mut Stack) -> Result<(), Problem> {
    match scope.is_active(resource)? {
        true => resources::add(scope, resource, stack),
        false => Ok(()),
    }
}

fn output(scope: &Scope<'_>, entry: &Output) -> Result<Option<String>, Problem> {
    let value = scope.resolver.output(entry);
    value.map(|value| known_text(&value).map(str::to_owned)).transpose()
}

/// What is wrong with the parameters' values: names that the template does not have, and values that are missing.
fn parameters(template: &Template, given: &BTreeMap<String, String>) -> Vec<Problem> {
    let unknown = given.keys().filter(|name| template.parameter(name).is_none());
    let unknown = unknown.map(|name| unknown_parameter(template, name));
    let missing = template.parameters.iter().filter(|parameter| parameter.is_missing());
    let missing = missing.map(|parameter| {
        let name = &parameter.name;
        let message =
            format!("has no Default and was given no value; give it with --parameter {name}=VALUE");
        Problem::invalid(parameter.place, message).of(Part::Parameter, name)
    });
    unknown.chain(missing).collect()
}

fn unknown_parameter(template: &Template, name: &str) -> Problem {
    let known: Vec<&str> = template.parameters.iter().map(|known| known.name.as_str()).collect();
    let message = match known.is_empty() {
        true => "is not in the template, which has none".to_owned(),
        false => format!("is not in the template, which has {}", known.join(", ")),
    };
    let place =
        template.parameters.first().map_or(fanfare_template::Place::START, |known| known.place);
    Problem::invalid(place, message).of(Part::Parameter, name)
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
