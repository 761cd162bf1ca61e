//! Reads a resource to its end although something in it is wrong: what is wrong is noted and taken out, and the rest
//! is read again. So one look tells all, and a part that can't run is left out without the rest.

use fanfare_template::{Declaration, Part, Problem};

use super::properties::Properties;
use super::resources;
use super::scope::Scope;
use super::stack::Stack;

/// Problems of one resource that are looked for: each costs another reading.
const MOST: usize = 100;

/// What one resource comes down to.
pub(super) struct Read {
    /// What it adds; `None` when nothing of it can be used.
    pub(super) part: Option<Stack>,
    /// All that is wrong with it.
    pub(super) problems: Vec<Problem>,
}

pub(super) fn read(scope: &Scope<'_>, resource: &Declaration) -> Read {
    let mut read = Read { part: None, problems: Vec::new() };
    let mut properties = match resources::is_served(&resource.kind) {
        true => scope.properties(resource),
        false => Err(resources::unserved(resource)),
    };
    let mut taken_out: Vec<String> = Vec::new();
    loop {
        let mut part = Stack::default();
        let scope = &Scope { taken_out: Some((&resource.id, &taken_out)), ..*scope };
        let added = properties
            .clone()
            .and_then(|properties| resources::add(scope, resource, properties, &mut part));
        let Err(problem) = added else {
            read.part = Some(part);
            return read;
        };
        let path = problem.subject.iter().find(|(part, _)| *part == Part::Property);
        let path = path.map(|(_, path)| path.clone());
        let follows = path.as_deref().is_some_and(|path| is_inside(path, &taken_out));
        let unread = match (&mut properties, &path) {
            (Ok(properties), Some(path)) => take_out(properties, path),
            _ => None,
        };
        if !follows {
            read.problems.push(problem.of(Part::Resource, &resource.id));
        }
        match unread {
            Some(path) if taken_out.len() < MOST => taken_out.push(path),
            _ => return read,
        }
    }
}

/// Takes out the property, or where it is not there the nearest thing that it should be in. Gives what was taken out.
fn take_out(properties: &mut Properties, path: &str) -> Option<String> {
    let mut path = path;
    loop {
        if properties.remove(path) {
            return Some(path.to_owned());
        }
        path = path.rsplit_once('.')?.0;
    }
}

/// Whether something is only missing because it was taken out, or what it was in.
fn is_inside(path: &str, taken_out: &[String]) -> bool {
    let is_in = |outer: &String| {
        path.strip_prefix(outer.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    taken_out.iter().any(is_in)
}
