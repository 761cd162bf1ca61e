//! A template's resources as what they are to each other: queues, what they feed, where failures go.

mod announcers;
mod dead_letters;
mod functions;
mod grants;
mod interests;
mod mappings;
mod policies;
mod queues;
mod spot;
mod statement;
mod subscriptions;
mod tables;

pub(crate) use announcers::{Announcers, is_stream_like};
pub(crate) use dead_letters::DeadLetters;
pub(crate) use functions::timeout;
pub(crate) use interests::{EVENT_TYPE, Interest};
pub(crate) use mappings::{Mapping, Source};
pub(crate) use policies::{
    managed_policies, queue_policies, statements_about_queues_and_topics, statements_of_roles,
};
pub(crate) use spot::{Located, Spot};
pub(crate) use statement::Statement;
pub(crate) use subscriptions::Subscription;

use crate::Options;
use fanfare_template::roles::Roles;
use fanfare_template::{Known, Piece, Resource, Text};

/// What the rules look at.
pub(crate) struct Stack<'t> {
    pub(crate) known: &'t Known,
    /// The resources that conditions leave out, as they would be: they say what is meant.
    pub(crate) left_out: &'t [Resource],
    pub(crate) roles: &'t Roles,
    pub(crate) options: &'t Options,
}

/// Whose name or ARN a text is.
pub(crate) enum Owner<'t> {
    /// This resource's.
    Resource(&'t Resource),
    /// Something's that is not in the template.
    Elsewhere,
    /// Nobody knows before AWS does; what it depends on.
    Unknown(String),
}

impl<'t> Stack<'t> {
    /// The resources of these types.
    pub(crate) fn of_kinds(
        &self,
        kinds: &'static [&'static str],
    ) -> impl Iterator<Item = &'t Resource> {
        self.known.resources.iter().filter(|resource| kinds.contains(&resource.kind.as_str()))
    }

    pub(crate) fn resource(&self, id: &str) -> Option<&'t Resource> {
        self.known.resources.iter().find(|resource| resource.id == id)
    }

    /// The resource of these types that a reference, a name, an ARN or a URL means.
    fn owner(
        &self,
        text: &Text,
        kinds: &'static [&'static str],
        name: impl Fn(&Resource) -> Option<Text>,
    ) -> Owner<'t> {
        if let Some(id) = text.resource() {
            return match self.resource(id) {
                Some(resource) if kinds.contains(&resource.kind.as_str()) => {
                    Owner::Resource(resource)
                }
                Some(_) => Owner::Elsewhere,
                None => Owner::Unknown(format!("{id}, which is not in the template")),
            };
        }
        let last = text.after_last(':').after_last('/');
        let mut may_be = None;
        for resource in self.of_kinds(kinds) {
            match name(resource) {
                Some(name) if name == last => return Owner::Resource(resource),
                Some(name) if name.may_equal(&last) => may_be = Some(resource),
                _ => {}
            }
        }
        match (may_be, last.first_unknown()) {
            (None, None) => Owner::Elsewhere,
            (Some(resource), None) => Owner::Unknown(format!("the name of {}", resource.id)),
            (_, Some(piece)) => Owner::Unknown(piece_name(piece)),
        }
    }
}

fn piece_name(piece: &Piece) -> String {
    match piece {
        Piece::Known(text) | Piece::Reference(text) => text.clone(),
        Piece::Unknown(unknown) => unknown.to_string(),
        Piece::Attribute(id, name) => format!("{id}.{name}"),
    }
}
