//! SAM's `Globals`, merged into the resources that they are about.

use super::node::{Content, Entry, Node};

/// A resource's properties, those of `Globals` included.
pub(super) fn merged(root: &Node, kind: &str, own: Vec<Entry>) -> Vec<Entry> {
    let section = kind.strip_prefix("AWS::Serverless::");
    let globals = section.and_then(|section| root.get("Globals")?.get(section));
    match globals {
        Some(globals) => merge_entries(globals, own),
        None => own,
    }
}

/// SAM's rule: maps are merged, lists are additive (the global items first), anything else is the
/// resource's own. <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>
fn merge_entries(globals: &Node, own: Vec<Entry>) -> Vec<Entry> {
    let mut merged = own;
    for global in globals.as_map().unwrap_or_default() {
        match merged.iter_mut().find(|entry| entry.key == global.key) {
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
            *entries = merge_entries(global, std::mem::take(entries));
        }
        (Content::List(items), Content::List(own)) => {
            own.splice(0..0, items.iter().cloned());
        }
        _ => {}
    }
}
