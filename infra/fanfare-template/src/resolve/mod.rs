//! From values as they are written to the values that they stand for.
//!
//! Nothing fails here: what cannot be known is [`Unknown`], what is wrong is told to the trail and unknown from then on.

mod conditions;
mod functions;
mod names;
mod references;
mod substitution;
mod trail;

pub use names::{Names, Symbolic};

use crate::document::{Content, Entry, Node, Place, weight};
use crate::problem::{Part, Problems};
use crate::template::{Declaration, Output, Template};
use crate::value::{Cause, Field, Kind, Piece, Text, Unknown, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;
use trail::Trail;

/// Values that may lead to each other in a row, those that hold each other included.
const MAX_DEPTH: usize = 150;

/// What works out a template's values.
pub struct Resolver<'t> {
    template: &'t Template,
    names: &'t dyn Names,
    trail: Trail,
    /// Conditions that are known by now, each worked out once.
    conditions: RefCell<BTreeMap<String, Truth>>,
    /// Properties that were asked for apart from the rest, each worked out once, by resource and name.
    properties: RefCell<BTreeMap<String, Option<Value>>>,
}

/// Whether something holds, or why nobody knows.
type Truth = Result<bool, Unknown>;

impl<'t> Resolver<'t> {
    /// Looks at every condition, so that a mistake is found in those that nothing needs too.
    pub fn new(template: &'t Template, names: &'t dyn Names) -> Self {
        let trail = Trail::of(template);
        let (conditions, properties) = (RefCell::default(), RefCell::default());
        let resolver = Self { template, names, trail, conditions, properties };
        for condition in &template.conditions {
            // What it comes to is kept, and what is wrong with it told.
            drop(resolver.learn(condition, condition.place));
        }
        resolver
    }

    /// The template whose values these are.
    pub fn template(&self) -> &'t Template {
        self.template
    }

    /// Whether a resource is deployed.
    ///
    /// # Errors
    /// What its condition depends on.
    pub fn is_active(&self, resource: &Declaration) -> Result<bool, Unknown> {
        self.trail
            .within(Part::Resource, &resource.id, || self.holds_for(resource.condition.as_ref()))
    }

    /// All of a resource's properties: a map, or unknown.
    pub fn properties(&self, resource: &Declaration) -> Value {
        let properties = &resource.properties;
        self.trail.within(Part::Resource, &resource.id, || {
            if properties.as_function().is_some() {
                return self.resolve(properties).unwrap_or_else(|| Value::empty(properties.place));
            }
            let entries = properties.as_map().unwrap_or_default().iter();
            let field =
                |entry: &Entry| self.trail.within(Part::Property, &entry.key, || self.field(entry));
            Value { place: properties.place, kind: Kind::Map(entries.filter_map(field).collect()) }
        })
    }

    /// One of a resource's own properties, apart from the rest, so that names can be had of resources that refer to
    /// each other. `None` if it is not there, or `AWS::NoValue`.
    pub fn property(&self, resource: &Declaration, name: &str) -> Option<Value> {
        let node = resource.property(name)?;
        let key = format!("{}.{name}", resource.id);
        let known = self.properties.borrow().get(&key).cloned();
        if let Some(known) = known {
            let copied = known.map(|value| self.copy(&value, node.place));
            return copied.map(|value| value.unwrap_or_else(|why| Value::unknown(node.place, why)));
        }
        let value = self.trail.within(Part::Resource, &resource.id, || {
            self.trail.within(Part::Property, name, || {
                let value = self.trail.step(key.clone(), node.place, || Ok(self.resolve(node)));
                value.unwrap_or_else(|unknown| Some(Value::unknown(node.place, unknown)))
            })
        });
        self.properties.borrow_mut().insert(key, value.clone());
        value
    }

    /// What an output gives; `None` if its condition does not hold.
    pub fn output(&self, output: &Output) -> Option<Value> {
        self.trail.within(Part::Output, &output.name, || {
            match self.holds_for(output.condition.as_ref()) {
                Ok(false) => None,
                Ok(true) => self.resolve(&output.value),
                Err(unknown) => Some(Value::unknown(output.place, unknown)),
            }
        })
    }

    /// What was found wrong.
    pub fn into_problems(self) -> Problems {
        self.trail.into_problems()
    }

    /// The value, as far as it can be known. `None` is `AWS::NoValue`, which takes what holds it away.
    pub(crate) fn resolve(&self, node: &Node) -> Option<Value> {
        let _level = match self.trail.descend(node.place) {
            Ok(level) => level,
            Err(unknown) => return Some(Value::unknown(node.place, unknown)),
        };
        if let Some((function, argument)) = node.as_function() {
            return self.call(function, argument, node.place);
        }
        let kind = match &node.content {
            Content::Null => Kind::Null,
            Content::Scalar { text, plain } => self.scalar(text, *plain),
            Content::List(items) => {
                Kind::List(items.iter().filter_map(|item| self.resolve(item)).collect())
            }
            Content::Map(entries) => {
                Kind::Map(entries.iter().filter_map(|entry| self.field(entry)).collect())
            }
        };
        Some(Value { place: node.place, kind })
    }

    fn field(&self, entry: &Entry) -> Option<Field> {
        let value = self.resolve(&entry.value)?;
        Some(Field { key: entry.key.clone(), place: entry.place, value })
    }

    fn scalar(&self, text: &str, plain: bool) -> Kind {
        match self.trail.spend(weight(text)) {
            Ok(()) => Kind::Text { text: with_dynamic_references(text), plain },
            Err(unknown) => Kind::Unknown(unknown),
        }
    }

    fn holds_for(&self, condition: Option<&(String, Place)>) -> Truth {
        condition.map_or(Ok(true), |(name, place)| self.condition(name, *place))
    }
}

/// `{{resolve:ssm:...}}` is looked up at deployment.
fn with_dynamic_references(text: &str) -> Text {
    let mut result = Text::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{resolve:") {
        let Some((name, after)) = after.split_once("}}") else { break };
        result.push(Piece::Known(before.to_owned()));
        let cause = Cause::Lookup(format!("{{{{resolve:{name}}}}}"));
        result.push(Piece::Unknown(Unknown::new(format!("resolve:{name}"), cause)));
        rest = after;
    }
    result.push(Piece::Known(rest.to_owned()));
    result
}
