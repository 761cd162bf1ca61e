//! A template, section by section: what it declares, its functions not yet worked out.

mod attributes;
mod generated;
mod globals;
mod loops;
mod parameters;
mod sections;

pub use parameters::Parameter;

use crate::document::{self, Node, Place, Unreadable};
use crate::inputs::{Inputs, StackIdentity};
use crate::problem::{Part, Problem, ProblemKind, Problems};
use sections::{Extensions, Sections};
use std::collections::{BTreeMap, BTreeSet};

/// A template, read.
#[derive(Debug, Clone)]
pub struct Template {
    /// Its parameters, each with the value that it was given or has by default.
    pub parameters: Vec<Parameter>,
    /// Its `Resources`, loops carried out and `Globals` merged, in the file's order.
    pub resources: Vec<Declaration>,
    /// What SAM makes beside them and the template may refer to, such as a function's role.
    pub generated: Vec<Declaration>,
    /// Its `Outputs`.
    pub outputs: Vec<Output>,
    /// Its own `Metadata`.
    pub metadata: Option<Node>,
    /// What is wrong so far, functions not looked at.
    pub problems: Problems,
    pub(crate) mappings: Vec<document::Entry>,
    pub(crate) conditions: Vec<document::Entry>,
    pub(crate) extensions: Extensions,
    pub(crate) stack: Option<StackIdentity>,
    sections: Vec<(String, Place)>,
    globals: Vec<(String, Place)>,
    /// The ids of resources that are not here, because something is wrong with them.
    unread: BTreeSet<String>,
    /// Where each resource is, those made by SAM after the others.
    index: BTreeMap<String, usize>,
}

/// One entry of `Resources`, as it is written.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// Its logical id.
    pub id: String,
    /// Where it is.
    pub place: Place,
    /// Its type, such as `AWS::SQS::Queue`.
    pub kind: String,
    /// The name of its condition, and where that is.
    pub condition: Option<(String, Place)>,
    /// Its properties, those of `Globals` included.
    pub properties: Node,
    /// Its `Metadata`.
    pub metadata: Option<Node>,
}

/// One entry of `Outputs`, as it is written.
#[derive(Debug, Clone)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// The name of its condition, and where that is.
    pub condition: Option<(String, Place)>,
    /// What it gives.
    pub value: Node,
}

impl Declaration {
    /// One of its properties, as it is written.
    pub fn property(&self, name: &str) -> Option<&Node> {
        self.properties.get(name)
    }
}

impl Template {
    /// Reads a template's text, YAML or JSON.
    ///
    /// What is wrong with the template is in [`problems`](Self::problems), and the rest is there all the same.
    ///
    /// # Errors
    /// [`Unreadable`]: the text is no YAML or JSON, nests too deep, is too large, or has no map `Resources`.
    pub fn read(text: &str, inputs: &Inputs) -> Result<Self, Unreadable> {
        let parsed = document::parse(text)?;
        let mut problems = Problems::default();
        problems.extend(parsed.repeated.iter().map(repeated));
        let sections = Sections::of(parsed.root, &mut problems)?;
        Ok(Self::of(sections, inputs, problems))
    }

    /// The resource of this logical id, one that SAM makes included.
    pub fn resource(&self, id: &str) -> Option<&Declaration> {
        let index = *self.index.get(id)?;
        self.resources.get(index).or_else(|| self.generated.get(index - self.resources.len()))
    }

    /// The parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The sections that the template has, and where.
    pub fn sections(&self) -> impl Iterator<Item = (&str, Place)> {
        self.sections.iter().map(|(name, place)| (name.as_str(), *place))
    }

    /// The kinds of resources that `Globals` is about, such as `Function`, and where.
    pub fn globals(&self) -> impl Iterator<Item = (&str, Place)> {
        self.globals.iter().map(|(name, place)| (name.as_str(), *place))
    }

    /// Whether the template has a resource of this id that cannot be read.
    pub(crate) fn is_unread(&self, id: &str) -> bool {
        self.unread.contains(id)
    }

    /// Whether SAM may make a resource of this name: it names what it makes after what it is made of.
    pub(crate) fn may_be_made_by_sam(&self, id: &str) -> bool {
        let is_origin = |resource: &Declaration| {
            resource.kind.starts_with(sections::SERVERLESS_TYPES) && id.starts_with(&resource.id)
        };
        let is_implicit =
            id.starts_with("ServerlessRestApi") || id.starts_with("ServerlessHttpApi");
        self.extensions.serverless && (is_implicit || self.resources.iter().any(is_origin))
    }

    pub(crate) fn condition(&self, name: &str) -> Option<&document::Entry> {
        self.conditions.iter().find(|entry| entry.key == name)
    }

    /// A value of `Mappings`, or what is missing.
    pub(crate) fn mapped(&self, map: &str, first: &str, second: &str) -> Result<&Node, String> {
        let entry = self.mappings.iter().find(|entry| entry.key == map);
        let row = entry.ok_or_else(|| format!("the mapping {map}"))?.value.get(first);
        let row = row.ok_or_else(|| format!("{first} in the mapping {map}"))?;
        row.get(second).ok_or_else(|| format!("{first}.{second} in the mapping {map}"))
    }

    fn of(sections: Sections, inputs: &Inputs, mut problems: Problems) -> Self {
        let mut template = Self {
            parameters: parameters::read(&sections.parameters, &inputs.parameters, &mut problems),
            resources: Vec::new(),
            generated: Vec::new(),
            outputs: Vec::new(),
            metadata: sections.metadata,
            problems: Problems::default(),
            mappings: sections.mappings,
            conditions: Vec::new(),
            extensions: sections.extensions,
            stack: inputs.stack.clone(),
            sections: sections.names,
            globals: sections.globals.iter().flat_map(keys).collect(),
            unread: BTreeSet::new(),
            index: BTreeMap::new(),
        };
        // What a loop runs over may be a parameter or a mapping, which are known by now.
        let loops = template.loops();
        let conditions = loops.expand_section("Conditions", sections.conditions);
        let resources = loops.expand_section("Resources", sections.resources);
        let outputs = loops.expand_section("Outputs", sections.outputs);
        problems.extend(loops.into_problems());
        template.conditions = conditions;
        template.resources =
            attributes::resources(&resources, sections.globals.as_ref(), &mut problems);
        template.unread = attributes::unread(&resources, &template.resources);
        template.generated = generated::beside(&template.resources);
        template.outputs = attributes::outputs(&outputs, &mut problems);
        template.check(&mut problems);
        template.index = template.index();
        template.problems = match template.extensions.foreign_macro {
            // A macro may make right what looks wrong.
            true => problems.not_of(ProblemKind::Invalid),
            false => problems,
        };
        template
    }

    fn index(&self) -> BTreeMap<String, usize> {
        let declared = self.resources.iter().chain(&self.generated).enumerate();
        declared.map(|(index, resource)| (resource.id.clone(), index)).collect()
    }

    fn check(&self, problems: &mut Problems) {
        let is_serverless =
            |resource: &&Declaration| resource.kind.starts_with(sections::SERVERLESS_TYPES);
        if let Some(resource) = self.resources.iter().find(is_serverless)
            && !self.extensions.serverless
        {
            let needed = sections::SERVERLESS;
            let message =
                format!("is of type {}, which needs `Transform: {needed}`", resource.kind);
            problems
                .push(Problem::invalid(resource.place, message).of(Part::Resource, &resource.id));
        }
    }
}

fn keys(map: &Node) -> Vec<(String, Place)> {
    let entries = map.as_map().unwrap_or_default().iter();
    entries.map(|entry| (entry.key.clone(), entry.place)).collect()
}

fn repeated(again: &document::Repeated) -> Problem {
    let message = format!("is here twice, first in line {}; remove one of them", again.first.line);
    Problem::invalid(again.place, message).of(Part::Key, &again.key)
}
