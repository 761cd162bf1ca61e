//! What keeps a template from being run, in words for people and for programs.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use fanfare_template::{Part, Place, Problem, ProblemKind};
use serde::Serialize;

/// One thing that keeps a template from being run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// What sort of thing it is.
    pub kind: FaultKind,
    /// The line of the template, from 1.
    pub line: usize,
    /// The resource that it is about, if it is about one.
    pub resource: Option<String>,
    /// What is wrong, and what to do about it: a sentence that stands by itself.
    pub message: String,
}

/// Sorts of faults, the most important first: what AWS would refuse too comes before what is missing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FaultKind {
    /// AWS would refuse the template.
    Template,
    /// A parameter has no value, or one that it does not take.
    Parameter,
    /// What a resource is for is said wrongly, or is unclear.
    Role,
    /// A section of the template that has no meaning here.
    Section,
    /// A resource type that is not served here.
    Resource,
    /// A property that is not honoured here.
    Property,
    /// A runtime that there is not here.
    Runtime,
    /// A value that only AWS knows.
    Value,
    /// A function's program is missing.
    Program,
}

impl FaultKind {
    /// What all faults of this sort have in common.
    pub fn title(self) -> &'static str {
        match self {
            Self::Template => "AWS would refuse",
            Self::Parameter => "parameters' values",
            Self::Role => "what resources are for",
            Self::Section => "sections that have no meaning here",
            Self::Resource => "resource types that are not served here",
            Self::Property => "properties that are not honoured here",
            Self::Runtime => "runtimes that there are not here",
            Self::Value => "values that only AWS knows",
            Self::Program => "programs that are not built",
        }
    }

    fn of(problem: &Problem) -> Self {
        let is_about = |part| problem.subject.first().is_some_and(|(first, _)| *first == part);
        match problem.kind {
            _ if is_about(Part::Parameter) => Self::Parameter,
            ProblemKind::Invalid => Self::Template,
            ProblemKind::Unknown => Self::Value,
            ProblemKind::Unsupported if is_about(Part::Section) => Self::Section,
            ProblemKind::Unsupported => match problem.property() {
                Some("Runtime") => Self::Runtime,
                Some(_) => Self::Property,
                None => Self::Resource,
            },
        }
    }
}

impl Fault {
    /// What a resource is for is unclear.
    pub(crate) fn of_role(problem: &Problem) -> Self {
        Self { kind: FaultKind::Role, ..Self::from(problem) }
    }

    /// A resource asks for something that nobody understands.
    pub(crate) fn of_resource(resource: &str, place: Place, message: &str) -> Self {
        Self { kind: FaultKind::Template, ..Self::of_program(resource, place, message) }
    }

    /// A resource lacks something that lies outside of the template.
    pub(crate) fn of_program(resource: &str, place: Place, message: &str) -> Self {
        Self {
            kind: FaultKind::Program,
            line: place.line,
            resource: Some(resource.to_owned()),
            message: format!("resource {resource} {message}"),
        }
    }
}

impl From<&Problem> for Fault {
    fn from(problem: &Problem) -> Self {
        Self {
            kind: FaultKind::of(problem),
            line: problem.place.line,
            resource: problem.resource().map(str::to_owned),
            message: problem.to_string(),
        }
    }
}

/// All that keeps a template from being run, by kind and line; at least one.
///
/// `Display` gives a line each. Where there are several, they stand under what they have in common, and the last line
/// counts them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    /// The template's path as it was given.
    pub file: PathBuf,
    /// Each of them.
    pub all: Vec<Fault>,
}

impl Faults {
    /// Those of a template; `None` if there is none.
    pub fn of(file: &Path, mut all: Vec<Fault>) -> Option<Self> {
        all.sort();
        all.dedup();
        (!all.is_empty()).then(|| Self { file: file.to_owned(), all })
    }

    fn line(&self, fault: &Fault) -> String {
        format!("{}:{}: {}", self.file.display(), fault.line, fault.message)
    }

    /// The last line: how many of how many kinds.
    fn count(&self) -> String {
        let kinds = self.all.iter().map(|fault| fault.kind).collect::<BTreeSet<_>>().len();
        let kinds = if kinds == 1 { "1 kind".to_owned() } else { format!("{kinds} kinds") };
        format!("{} problems of {kinds}", self.all.len())
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.all.as_slice() {
            return f.write_str(&self.line(only));
        }
        let mut kind = None;
        for fault in &self.all {
            if kind.replace(fault.kind) != Some(fault.kind) {
                writeln!(f, "{}:", fault.kind.title())?;
            }
            writeln!(f, "  {}", self.line(fault))?;
        }
        f.write_str(&self.count())
    }
}
