//! SAM's `Globals`, merged into the resources that they are about.

use super::sections::SERVERLESS_TYPES;
use crate::document::{Content, Entry, MAX_WEIGHT, Node};
use crate::problem::Problem;
use std::cell::Cell;

/// The section, and how much of it may still be copied into resources.
pub(super) struct Globals<'t> {
    section: Option<&'t Node>,
    budget: Cell<usize>,
}

impl<'t> Globals<'t> {
    pub(super) fn new(section: Option<&'t Node>) -> Self {
        Self { section, budget: Cell::new(MAX_WEIGHT) }
    }

    /// A resource's properties, those of `Globals` included, except what `IgnoreGlobals` names.
    pub(super) fn merged(
        &self,
        kind: &str,
        ignored: Option<&Node>,
        own: Node,
    ) -> Result<Node, Problem> {
        let name = kind.strip_prefix(SERVERLESS_TYPES);
        let Some(globals) = name.and_then(|name| self.section?.get(name)) else { return Ok(own) };
        if own.as_function().is_some() {
            return Ok(own);
        }
        let left = self.budget.get().checked_sub(globals.weight());
        self.budget
            .set(left.ok_or_else(|| Problem::invalid(own.place, "is too large with Globals"))?);
        let Content::Map(entries) = own.content else { return Ok(own) };
        let content = Content::Map(merge_entries(globals, entries, ignored));
        Ok(Node { place: own.place, content })
    }
}

/// SAM's rule: maps are merged, lists are additive (the global items first), anything else is the
/// resource's own. <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>
fn merge_entries(globals: &Node, own: Vec<Entry>, ignored: Option<&Node>) -> Vec<Entry> {
    let is_ignored = |key: &str| {
        let names = ignored.map_or(&[][..], Node::each);
        names.iter().filter_map(Node::as_text).any(|name| name == "*" || name == key)
    };
    let mut merged = own;
    for global in globals.as_map().unwrap_or_default() {
        match merged.iter_mut().find(|entry| entry.key == global.key) {
            _ if is_ignored(&global.key) => {}
            Some(entry) => merge(&global.value, &mut entry.value),
            None => merged.push(global.clone()),
        }
    }
    merged
}

fn merge(global: &Node, own: &mut Node) {
    // A function such as `!Ref X` is a scalar in the making, so it overrides like one.
    if global.as_function().is_some() || own.as_function().is_some() {
        return;
    }
    match (&global.content, &mut own.content) {
        (Content::Map(_), Content::Map(entries)) => {
            *entries = merge_entries(global, std::mem::take(entries), None);
        }
        (Content::List(items), Content::List(own)) => {
            own.splice(0..0, items.iter().cloned());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;
    use crate::document::parse;
    use crate::value::Value;
    use serde_json::json;

    fn merged(own: &str, ignored: Option<&str>) -> serde_json::Value {
        let globals =
            "Function: { Map: { a: 1, b: 1 }, List: [1], Scalar: 1, Computed: { x: 1 }, Alone: 1 }";
        let globals = parse(globals).unwrap().root;
        let ignored = ignored.map(|ignored| parse(ignored).unwrap().root);
        let own = parse(own).unwrap().root;

        let merged =
            Globals::new(Some(&globals)).merged("AWS::Serverless::Function", ignored.as_ref(), own);

        Value::literal(&merged.unwrap()).to_json().unwrap()
    }

    #[test]
    fn maps_merge_lists_add_up_and_scalars_are_the_function_s_own() {
        let merged = merged("{ Map: { b: 2 }, List: [2], Scalar: 2 }", None);

        assert_eq!(merged["Map"], json!({ "b": 2, "a": 1 }));
        assert_eq!(merged["List"], json!([1, 2]));
        assert_eq!((&merged["Scalar"], &merged["Alone"]), (&json!(2), &json!(1)));
    }

    #[test]
    fn a_function_overrides_like_a_scalar() {
        let globals = parse("Function: { Computed: { x: 1 } }").unwrap().root;
        let own = parse("Computed: !Ref P").unwrap().root;

        let merged =
            Globals::new(Some(&globals)).merged("AWS::Serverless::Function", None, own.clone());

        assert_eq!(merged.unwrap(), own);
    }

    #[test]
    fn what_a_resource_ignores_is_not_merged() {
        assert_eq!(merged("{ Scalar: 2 }", Some("'*'")), json!({ "Scalar": 2 }));
        assert_eq!(
            merged("{ Scalar: 2 }", Some("[Map, List, Computed]")),
            json!({ "Scalar": 2, "Alone": 1 })
        );
    }
}
