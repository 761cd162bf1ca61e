//! What a template's resources are called in this stack, and their properties.

use std::path::Path;

use fanfare_template::{
    Declaration, Kind, Names, Part, Problem, Resolver, StackIdentity, Text, Unknown, Value,
};

use super::loader::Context;
use super::properties::{Properties, needed};
use super::resources;

/// The stack that a template is made into: what references stand for.
pub(super) struct Local<'t> {
    pub(super) context: &'t Context,
    pub(super) stack: StackIdentity,
    /// The template's folder, absolute.
    pub(super) folder: &'t Path,
}

/// A template's resources in a stack.
pub(super) struct Scope<'s> {
    pub(super) local: &'s Local<'s>,
    pub(super) resolver: &'s Resolver<'s>,
    /// The properties of the resource that is read which are taken as not being there.
    pub(super) taken_out: Option<(&'s str, &'s [String])>,
}

impl Names for Local<'_> {
    fn reference(&self, resolver: &Resolver<'_>, resource: &Declaration) -> Result<Text, Problem> {
        let scope = Scope { local: self, resolver, taken_out: None };
        resources::reference(&scope, resource).map(Text::known)
    }

    fn attribute(
        &self,
        resolver: &Resolver<'_>,
        resource: &Declaration,
        name: &str,
    ) -> Result<Option<Text>, Problem> {
        let scope = Scope { local: self, resolver, taken_out: None };
        Ok(resources::attribute(&scope, resource, name)?.map(Text::known))
    }
}

impl<'s> Scope<'s> {
    pub(super) fn is_active(&self, resource: &Declaration) -> Result<bool, Problem> {
        let place = resource.condition.as_ref().map_or(resource.place, |(_, place)| *place);
        let active = self.resolver.is_active(resource);
        active.map_err(|unknown| {
            needed(place, &unknown)
                .of(Part::Attribute, "Condition")
                .of(Part::Resource, &resource.id)
        })
    }

    /// The active resource of one of these types for which `test` holds.
    pub(super) fn find(
        &self,
        kinds: &[&str],
        test: impl Fn(&'s Declaration) -> Result<bool, Problem>,
    ) -> Result<Option<&'s Declaration>, Problem> {
        for resource in &self.resolver.template().resources {
            if kinds.contains(&resource.kind.as_str())
                && self.is_active(resource)?
                && test(resource)?
            {
                return Ok(Some(resource));
            }
        }
        Ok(None)
    }

    /// A resource's own top-level property, apart from the rest of the resource.
    pub(super) fn own(&self, resource: &Declaration, property: &str) -> Option<Value> {
        let is_taken_out = self.taken_out.is_some_and(|(id, paths)| {
            id == resource.id && paths.iter().any(|path| path == property)
        });
        if is_taken_out { None } else { self.resolver.property(resource, property) }
    }

    /// The same as text, so that names can be had of resources that refer to each other.
    pub(super) fn own_text(
        &self,
        resource: &Declaration,
        property: &str,
    ) -> Result<Option<String>, Problem> {
        let Some(value) = self.own(resource, property) else { return Ok(None) };
        let text = known_text(&value).map(|text| Some(text.to_owned()));
        text.map_err(|problem| {
            problem.of(Part::Property, property).of(Part::Resource, &resource.id)
        })
    }

    /// The resource's name: the given property's value, or one made of the stack's name.
    pub(super) fn name(&self, resource: &Declaration, property: &str) -> Result<String, Problem> {
        let own = self.own_text(resource, property)?;
        Ok(own.unwrap_or_else(|| format!("{}-{}", self.local.stack.name, resource.id)))
    }

    /// The name of a queue or topic: a generated one ends in `.fifo` if it has to.
    pub(super) fn fifo_name(
        &self,
        resource: &Declaration,
        property: &str,
        flag: &str,
    ) -> Result<String, Problem> {
        let name = self.name(resource, property)?;
        let is_generated = self.own_text(resource, property)?.is_none();
        let is_fifo =
            self.own_text(resource, flag)?.is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
        match is_generated && is_fifo {
            true => Ok(format!("{name}.fifo")),
            false => Ok(name),
        }
    }

    /// All of a resource's properties, resolved.
    pub(super) fn properties(&self, resource: &Declaration) -> Result<Properties, Problem> {
        let properties = self.resolver.properties(resource);
        match properties.kind {
            Kind::Map(fields) => Ok(Properties::new(resource.place, fields)),
            Kind::Unknown(unknown) => {
                Err(needed(properties.place, &unknown).of(Part::Attribute, "Properties"))
            }
            _ => Err(Problem::invalid(properties.place, "must be a map")
                .of(Part::Attribute, "Properties")),
        }
    }

    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        self.local.stack.arn(service, resource)
    }

    /// The ARN of something that has no region, as in IAM.
    pub(super) fn global_arn(&self, service: &str, resource: &str) -> String {
        self.local.stack.global_arn(service, resource)
    }
}

/// A value that must be a text of which everything is known.
pub(super) fn known_text(value: &Value) -> Result<&str, Problem> {
    let unknown = |unknown: &Unknown| needed(value.place, unknown);
    match &value.kind {
        Kind::Text { text, .. } | Kind::Json { text, .. } => {
            match (text.as_known(), text.why_unknown()) {
                (Some(known), _) => Ok(known),
                (None, why) => Err(why.map_or_else(
                    || Problem::invalid(value.place, "must be a text"),
                    |why| unknown(&why),
                )),
            }
        }
        Kind::Unknown(why) => Err(unknown(why)),
        _ => Err(Problem::invalid(value.place, "must be a text")),
    }
}
