//! What references to resources give: for a reader without a stack, and for one with.

use super::Resolver;
use crate::problem::Problem;
use crate::template::Declaration;
use crate::value::{Piece, Text};

/// What references to resources stand for.
pub trait Names {
    /// What `Ref` of a resource gives.
    ///
    /// # Errors
    /// Why it gives nothing: the resource's name cannot be worked out.
    fn reference(&self, resolver: &Resolver<'_>, resource: &Declaration) -> Result<Text, Problem>;

    /// What `Fn::GetAtt` of a resource gives; `None` if its type has no such attribute.
    ///
    /// # Errors
    /// Why it gives nothing: the resource's name cannot be worked out.
    fn attribute(
        &self,
        resolver: &Resolver<'_>,
        resource: &Declaration,
        name: &str,
    ) -> Result<Option<Text>, Problem>;
}

/// References stay references: what there is to know without a stack.
#[derive(Debug, Clone, Copy)]
pub struct Symbolic;

impl Names for Symbolic {
    fn reference(&self, _: &Resolver<'_>, resource: &Declaration) -> Result<Text, Problem> {
        Ok(Text::of(Piece::Reference(resource.id.clone())))
    }

    fn attribute(
        &self,
        _: &Resolver<'_>,
        resource: &Declaration,
        name: &str,
    ) -> Result<Option<Text>, Problem> {
        Ok(Some(Text::of(Piece::Attribute(resource.id.clone(), name.to_owned()))))
    }
}
