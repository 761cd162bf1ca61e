//! The way in: a file and its context become a stack.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use fanfare_template::{
    Declaration, Inputs, Output, Part, Place, Problem, ProblemKind, Problems, Resolver,
    StackIdentity, Template,
};

use super::error::TemplateError;
use super::fault::{Fault, Faults};
use super::front::localised;
use super::scope::{Local, Scope, known_text};
use super::stack::Stack;
use super::{checks, recovery, unsupported};

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
    /// Whether what the runner can't do is left out, instead of being a fault.
    pub skip_unsupported: bool,
}

/// Reads a template, resolves it and checks that the runner can do all that it asks for.
///
/// Nothing is created, and no code that a function names needs to be there.
///
/// # Errors
/// All that is wrong, or that the runner can't do.
pub fn load(path: &Path, context: &Context) -> Result<Stack, TemplateError> {
    let loaded = open(path, context)?;
    match Faults::of(path, loaded.faults()) {
        Some(faults) => Err(TemplateError::Invalid(faults)),
        None => Ok(loaded.stack),
    }
}

/// A template as far as it can be run.
pub(crate) struct Loaded {
    /// What can be run. With problems it is what is left without what is wrong.
    pub(crate) stack: Stack,
    /// All that is wrong, by place.
    pub(crate) problems: Vec<Problem>,
    /// What [`Context::skip_unsupported`] left out, by place.
    pub(crate) left_out: Vec<Problem>,
    /// The resources of which nothing is in the stack.
    pub(crate) unread: Vec<String>,
    /// The template, if it is one.
    pub(crate) template: Option<Template>,
}

impl Loaded {
    /// Where a resource is.
    pub(crate) fn place(&self, id: &str) -> Place {
        let resource = self.template.as_ref().and_then(|template| template.resource(id));
        resource.map_or(Place::START, |resource| resource.place)
    }

    pub(crate) fn faults(&self) -> Vec<Fault> {
        self.problems.iter().map(Fault::from).collect()
    }
}

/// Reads a template and keeps all that is wrong with it.
pub(crate) fn open(path: &Path, context: &Context) -> Result<Loaded, TemplateError> {
    let unreadable = |source| TemplateError::Unreadable { path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let absolute = std::path::absolute(path).map_err(unreadable)?;
    let folder = absolute.parent().map(Path::to_owned).unwrap_or_default();
    Ok(read(&text, &folder, context))
}

pub(super) fn read(text: &str, folder: &Path, context: &Context) -> Loaded {
    let stack = StackIdentity {
        name: context.stack_name.clone(),
        region: context.region.clone(),
        account_id: context.account_id.clone(),
    };
    let inputs = Inputs { parameters: context.parameters.clone(), stack: Some(stack.clone()) };
    let template = match Template::read(text, &inputs) {
        Ok(template) => template,
        Err(unreadable) => return none(Problem::invalid(unreadable.place, unreadable.reason)),
    };
    let local = Local { context, stack, folder };
    let resolver = Resolver::new(&template, &local);
    let mut loading = Loading::default();
    loading.problems.extend(template.problems.clone());
    loading.problems.extend(parameters(&template, &context.parameters));
    let may_skip = context.skip_unsupported;
    unsupported::parts(&template).into_iter().for_each(|problem| loading.tell(problem, may_skip));
    loading.build(&Scope { local: &local, resolver: &resolver, taken_out: None });
    loading.problems.extend(resolver.into_problems());
    if loading.problems.is_empty() {
        loading.problems.extend(checks::check(&loading.stack, &template));
    }
    Loaded {
        stack: loading.stack,
        problems: loading.problems.into_sorted(),
        left_out: loading.left_out.into_sorted(),
        unread: loading.unread,
        template: Some(template),
    }
}

/// What a text comes down to that is no template.
fn none(problem: Problem) -> Loaded {
    Loaded {
        stack: Stack::default(),
        problems: vec![problem],
        left_out: Vec::new(),
        unread: Vec::new(),
        template: None,
    }
}

/// What is known of a template while it is read.
#[derive(Default)]
struct Loading {
    stack: Stack,
    problems: Problems,
    left_out: Problems,
    unread: Vec<String>,
}

impl Loading {
    fn build(&mut self, scope: &Scope<'_>) {
        let template = scope.resolver.template();
        for resource in &template.resources {
            match scope.is_active(resource) {
                Ok(true) => self.add(scope, resource),
                Ok(false) => {}
                Err(problem) => self.problems.push(problem.of(Part::Resource, &resource.id)),
            }
        }
        for entry in &template.outputs {
            match output(scope, entry) {
                Ok(value) => {
                    self.stack.outputs.extend(value.map(|value| (entry.name.clone(), value)));
                }
                Err(problem) => self.problems.push(problem.of(Part::Output, &entry.name)),
            }
        }
    }

    fn add(&mut self, scope: &Scope<'_>, resource: &Declaration) {
        let read = recovery::read(scope, resource);
        if read.part.is_none() {
            self.unread.push(resource.id.clone());
        }
        self.stack.extend(read.part);
        for problem in read.problems {
            self.tell(problem, scope.local.context.skip_unsupported);
        }
    }

    fn tell(&mut self, problem: Problem, may_skip: bool) {
        match may_skip && problem.kind == ProblemKind::Unsupported {
            true => self.left_out.push(problem),
            false => self.problems.push(problem),
        }
    }
}

fn output(scope: &Scope<'_>, entry: &Output) -> Result<Option<String>, Problem> {
    let value = scope.resolver.output(entry);
    let front = &scope.local.context.api_endpoint;
    value.map(|value| known_text(&value).map(|text| localised(text, front))).transpose()
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
    let place = template.parameters.first().map_or(Place::START, |known| known.place);
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
