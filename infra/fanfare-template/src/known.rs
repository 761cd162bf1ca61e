//! A template as far as it can be known before it is deployed, for readers who have no stack.

use crate::document::Place;
use crate::problem::Problem;
use crate::resolve::{Resolver, Symbolic};
use crate::template::{Declaration, Template};
use crate::value::Value;

/// What is known of a template. References to resources stay references (see [`Piece`](crate::Piece)).
#[derive(Debug, Clone)]
pub struct Known {
    /// The resources that are deployed, or may be, in the template's order.
    pub resources: Vec<Resource>,
    /// What is not deployed.
    pub left_out: Vec<LeftOut>,
    /// The template's own `Metadata`.
    pub metadata: Value,
    /// All that is wrong with the template, by place.
    pub problems: Vec<Problem>,
}

/// One resource that is deployed, as far as can be known.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its logical id.
    pub id: String,
    /// Its type, such as `AWS::SQS::Queue`.
    pub kind: String,
    /// Where it is.
    pub place: Place,
    /// Its properties, those of `Globals` included: a map, or unknown.
    pub properties: Value,
    /// Its `Metadata`, as it is written.
    pub metadata: Value,
}

/// A resource whose condition does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The resource's logical id.
    pub resource: String,
    /// Its condition.
    pub condition: String,
    /// Where it is.
    pub place: Place,
}

impl Template {
    /// What is known of the template without a stack.
    pub fn known(&self) -> Known {
        let resolver = Resolver::new(self, &Symbolic);
        let (mut resources, mut left_out) = (Vec::new(), Vec::new());
        for declaration in &self.resources {
            match (&declaration.condition, resolver.is_active(declaration)) {
                (Some((condition, _)), Ok(false)) => left_out.push(LeftOut {
                    resource: declaration.id.clone(),
                    condition: condition.clone(),
                    place: declaration.place,
                }),
                _ => resources.push(resource(declaration, &resolver)),
            }
        }
        for output in &self.outputs {
            resolver.output(output);
        }
        let metadata = self.metadata.as_ref();
        let mut problems = self.problems.clone();
        problems.extend(resolver.into_problems());
        Known {
            resources,
            left_out,
            metadata: metadata.map_or_else(|| Value::empty(Place::START), Value::literal),
            problems: problems.into_sorted(),
        }
    }

    /// The resources that conditions leave out, as they would be without. What is wrong with them is not told.
    pub fn left_out(&self) -> Vec<Resource> {
        let resolver = Resolver::new(self, &Symbolic);
        let declarations = self.resources.iter();
        let left_out = declarations.filter(|one| matches!(resolver.is_active(one), Ok(false)));
        left_out.map(|declaration| resource(declaration, &resolver)).collect()
    }
}

fn resource(declaration: &Declaration, resolver: &Resolver<'_>) -> Resource {
    let metadata = declaration.metadata.as_ref();
    Resource {
        id: declaration.id.clone(),
        kind: declaration.kind.clone(),
        place: declaration.place,
        properties: resolver.properties(declaration),
        metadata: metadata.map_or_else(|| Value::empty(declaration.place), Value::literal),
    }
}
