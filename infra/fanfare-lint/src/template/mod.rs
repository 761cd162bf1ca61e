//! A SAM or CloudFormation template: its resources, with every value resolved that can be.

mod acceptance;
mod conditions;
mod globals;
mod intrinsics;
mod node;
mod parameters;
mod scope;
mod text;
mod value;
mod yaml;

pub(crate) use acceptance::Acceptance;
pub use node::{Place, Unreadable};
pub(crate) use text::{Piece, Text};
pub(crate) use value::{Field, Setting, Value};

use crate::{LeftOut, Options};
use node::{Content, Entry, Node};
use scope::Scope;
use value::Kind;

/// A template, read.
pub(crate) struct Template {
    pub(crate) parameters: Vec<String>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) left_out: Vec<LeftOut>,
    pub(crate) accepted: Vec<Acceptance>,
    /// Entries of `Resources` that are no resources, such as loops: their names, and where.
    pub(crate) unread: Vec<(String, Place)>,
    /// Keys that are in one map more than once.
    pub(crate) repeated: Vec<(String, Place)>,
}

/// One resource that is deployed, as far as can be known.
pub(crate) struct Resource {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) place: Place,
    pub(crate) properties: Value,
    /// The resource's `Metadata`, as it is written.
    pub(crate) metadata: Value,
}

impl Template {
    /// Reads a template.
    pub(crate) fn read(text: &str, options: &Options) -> Result<Self, Unreadable> {
        let yaml::Document { root, repeated } = yaml::parse(text)?;
        let section = root.get("Resources").and_then(Node::as_map);
        let Some(section) = section else {
            return Err(Unreadable::new(root.place, "no template: it has no map `Resources`"));
        };
        let scope = Scope::new(&root, parameters::values(&root, options));
        let mut template = Self {
            parameters: scope.parameters.keys().cloned().collect(),
            resources: Vec::new(),
            left_out: Vec::new(),
            accepted: acceptance::of(root.get("Metadata"), None),
            unread: Vec::new(),
            repeated,
        };
        for entry in section {
            template.add(entry, &root, &scope);
        }
        Ok(template)
    }

    fn add(&mut self, entry: &Entry, root: &Node, scope: &Scope<'_>) {
        let Some(kind) = entry.value.get("Type").and_then(Node::as_text) else {
            self.unread.push((entry.key.clone(), entry.place));
            return;
        };
        let condition = entry.value.get("Condition").and_then(Node::as_text);
        if let Some(condition) = condition.filter(|name| scope.condition(name) == Some(false)) {
            let (resource, condition) = (entry.key.clone(), condition.to_owned());
            self.left_out.push(LeftOut { resource, condition, place: entry.place });
            return;
        }
        let metadata = entry.value.get("Metadata");
        self.accepted.extend(acceptance::of(metadata, Some(&entry.key)));
        self.resources.push(Resource {
            id: entry.key.clone(),
            kind: kind.to_owned(),
            place: entry.place,
            properties: properties(entry, kind, root, scope),
            metadata: metadata.map_or_else(|| empty(entry.place), Value::literal),
        });
    }
}

fn properties(entry: &Entry, kind: &str, root: &Node, scope: &Scope<'_>) -> Value {
    let own = entry.value.get("Properties");
    if let Some(function) = own.filter(|own| own.as_function().is_some()) {
        return scope.resolve(function).unwrap_or_else(|| empty(entry.place));
    }
    let entries = own.and_then(Node::as_map).unwrap_or_default().to_vec();
    let content = Content::Map(globals::merged(root, kind, entries));
    let node = Node { place: own.map_or(entry.place, |own| own.place), content };
    // A map with one entry is taken for a function only by that entry's name, which no property has.
    scope.resolve(&node).unwrap_or_else(|| empty(entry.place))
}

fn empty(place: Place) -> Value {
    Value { place, kind: Kind::Map(Vec::new()) }
}
