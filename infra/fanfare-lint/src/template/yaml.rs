//! A template's text as a tree in which every value knows its place. JSON is read as the YAML that it is.
//!
//! Short-form tags are gone after this: `!Sub x` reads as `{"Fn::Sub": "x"}`. The tree is built without
//! recursion and its depth and size are bounded, so that no text can exhaust stack or memory.

use super::node::{Content, Entry, Node, Place, Unreadable};
use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use std::collections::BTreeMap;

/// More than any template nests: CloudFormation itself gives up long before.
const MAX_DEPTH: usize = 100;
/// What a template of the largest size that CloudFormation takes (1 MB) cannot exceed without aliases.
const MAX_NODES: usize = 1_000_000;

/// A text, read.
pub(crate) struct Document {
    pub(crate) root: Node,
    /// Keys that are in one map more than once. As for CloudFormation, the last one counts.
    pub(crate) repeated: Vec<(String, Place)>,
}

/// Reads one document.
pub(crate) fn parse(text: &str) -> Result<Document, Unreadable> {
    let text = text.trim_start_matches('\u{feff}');
    let spaced;
    // JSON may be indented by tabs, YAML may not. No JSON text has a tab inside a value.
    let text = match is_json_with_tabs(text) {
        true => {
            spaced = text.replace('\t', " ");
            &spaced
        }
        false => text,
    };
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let reason = format!("not YAML: {}", error.info());
            Unreadable::new(place(error.marker()), reason)
        })?;
        builder.take(event, span)?;
    }
    match builder.document {
        Some(root) => Ok(Document { root, repeated: builder.repeated }),
        None => Err(Unreadable::new(Place::START, "the file is empty")),
    }
}

fn is_json_with_tabs(text: &str) -> bool {
    text.contains('\t')
        && text.trim_start().starts_with('{')
        && serde_json::from_str::<serde_json::Value>(text).is_ok()
}

fn place(marker: &saphyr_parser::Marker) -> Place {
    Place { line: marker.line().max(1), column: marker.col() + 1 }
}

/// The tree so far: what is open, and what an alias may refer to.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Node, Extent)>,
    document: Option<Node>,
    repeated: Vec<(String, Place)>,
    nodes: usize,
}

/// How many values a value holds, itself included, and how deep they nest.
#[derive(Clone, Copy)]
struct Extent {
    nodes: usize,
    depth: usize,
}

/// A list or map whose end has not come.
struct Open {
    place: Place,
    anchor: usize,
    tag: Option<String>,
    /// The count of nodes when it began, to know its extent at its end.
    before: usize,
    /// How deep its items nest, so far.
    depth: usize,
    content: Collection,
}

enum Collection {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<(String, Place)> },
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Unreadable> {
        let place = place(&span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(place, 1)?;
                let node = scalar(place, &text, style, function_of(tag.as_deref()));
                self.add(node, anchor, Extent { nodes: 1, depth: 0 })
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(place, anchor, tag.as_deref(), Collection::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let map = Collection::Map { entries: Vec::new(), key: None };
                self.begin(place, anchor, tag.as_deref(), map)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(id) => {
                let Some((node, extent)) = self.anchors.get(&id).cloned() else {
                    return Err(Unreadable::new(place, "an alias refers to what is not there yet"));
                };
                self.count(place, extent.nodes)?;
                self.check_depth(place, extent.depth)?;
                self.add(Node { place, ..node }, 0, extent)
            }
            Event::DocumentStart(_) if self.document.is_some() => {
                Err(Unreadable::new(place, "a template is one YAML document, and here is a second"))
            }
            _ => Ok(()),
        }
    }

    fn count(&mut self, place: Place, more: usize) -> Result<(), Unreadable> {
        self.nodes += more;
        match self.nodes > MAX_NODES {
            true => Err(Unreadable::new(place, "the template is too large, aliases included")),
            false => Ok(()),
        }
    }

    fn check_depth(&self, place: Place, more: usize) -> Result<(), Unreadable> {
        match self.open.len() + more > MAX_DEPTH {
            true => Err(Unreadable::new(place, format!("nested more than {MAX_DEPTH} deep"))),
            false => Ok(()),
        }
    }

    fn begin(
        &mut self,
        place: Place,
        anchor: usize,
        tag: Option<&Tag>,
        content: Collection,
    ) -> Result<(), Unreadable> {
        self.check_depth(place, 1)?;
        let before = self.nodes;
        self.count(place, 1)?;
        self.open.push(Open { place, anchor, tag: function_of(tag), before, depth: 0, content });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Unreadable> {
        let Some(Open { place, anchor, tag, before, depth, content }) = self.open.pop() else {
            return Err(Unreadable::new(Place::START, "not YAML: an end without a beginning"));
        };
        let content = match content {
            Collection::List(items) => Content::List(items),
            Collection::Map { entries, .. } => Content::Map(merged(entries)),
        };
        let node = called(tag, Node { place, content });
        self.add(node, anchor, Extent { nodes: self.nodes - before, depth: depth + 1 })
    }

    fn add(&mut self, node: Node, anchor: usize, extent: Extent) -> Result<(), Unreadable> {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), extent));
        }
        if let Some(parent) = self.open.last_mut() {
            parent.depth = parent.depth.max(extent.depth);
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.document = Some(node),
            Some(Collection::List(items)) => items.push(node),
            Some(Collection::Map { entries, key }) => match key.take() {
                Some((key, place)) => {
                    let before = entries.len();
                    entries.retain(|entry| entry.key != key || key == "<<");
                    if entries.len() < before {
                        self.repeated.push((key.clone(), place));
                    }
                    entries.push(Entry { key, place, value: node });
                }
                None => *key = Some((key_of(&node)?, node.place)),
            },
        }
        Ok(())
    }
}

fn key_of(node: &Node) -> Result<String, Unreadable> {
    match &node.content {
        Content::Scalar(text) => Ok(text.clone()),
        Content::Null => Ok("null".to_owned()),
        _ => Err(Unreadable::new(node.place, "a key must be a plain text")),
    }
}

/// A map with what its `<<` entries bring: its own entries come first and win.
fn merged(entries: Vec<Entry>) -> Vec<Entry> {
    let (merges, mut entries): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|entry| entry.key == "<<");
    for merge in merges {
        let maps = match merge.value.content {
            Content::List(maps) => maps,
            _ => vec![merge.value],
        };
        for map in maps {
            let Content::Map(more) = map.content else { continue };
            for entry in more {
                if !entries.iter().any(|own| own.key == entry.key) {
                    entries.push(entry);
                }
            }
        }
    }
    entries
}

fn scalar(place: Place, text: &str, style: ScalarStyle, function: Option<String>) -> Node {
    let is_null = style == ScalarStyle::Plain
        && function.is_none()
        && matches!(text, "" | "~" | "null" | "Null" | "NULL");
    let content = match is_null {
        true => Content::Null,
        false => Content::Scalar(text.to_owned()),
    };
    called(function, Node { place, content })
}

fn function_of(tag: Option<&Tag>) -> Option<String> {
    let tag = tag.filter(|tag| !tag.is_yaml_core_schema() && !tag.suffix.is_empty())?;
    Some(match tag.suffix.as_str() {
        name @ ("Ref" | "Condition") => name.to_owned(),
        name => format!("Fn::{name}"),
    })
}

fn called(function: Option<String>, argument: Node) -> Node {
    match function {
        None => argument,
        Some(key) => {
            let place = argument.place;
            Node { place, content: Content::Map(vec![Entry { key, place, value: argument }]) }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn root(text: &str) -> Node {
        parse(text).unwrap().root
    }

    fn reason(text: &str) -> String {
        parse(text).map(|document| document.repeated).unwrap_err().to_string()
    }

    #[test]
    fn every_value_knows_its_place() {
        let root = root("a: 1\nb:\n  - c: !Ref X\n");

        let item = &root.get("b").unwrap().as_list().unwrap()[0];

        assert_eq!(root.as_map().unwrap()[1].place, Place { line: 2, column: 1 });
        assert_eq!(item.as_map().unwrap()[0].place, Place { line: 3, column: 5 });
        let (name, argument) = item.get("c").unwrap().as_function().unwrap();
        assert_eq!((name, argument.as_text()), ("Ref", Some("X")));
    }

    #[test]
    fn json_may_be_indented_by_tabs() {
        let root = root("{\n\t\"a\":\t[1, 2],\n\t\"b\": \"x\\ty\"\n}");

        assert_eq!(root.get("a").unwrap().as_list().unwrap().len(), 2);
        assert_eq!(root.get("b").unwrap().as_text(), Some("x\ty"));
    }

    #[test]
    fn an_alias_brings_its_value_and_a_merge_its_entries() {
        let root = root("a: &a { x: 1, y: 1 }\nb: *a\nc: { <<: *a, y: 2 }\n");

        assert_eq!(root.get("b").unwrap().get("x").unwrap().as_text(), Some("1"));
        assert_eq!(root.get("c").unwrap().get("x").unwrap().as_text(), Some("1"));
        assert_eq!(root.get("c").unwrap().get("y").unwrap().as_text(), Some("2"));
    }

    #[test]
    fn what_is_too_deep_too_large_or_no_template_is_refused() {
        let bomb: String =
            (1..40).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)).collect();

        assert!(reason(&"[".repeat(150)).contains("nested more than 100 deep"));
        assert!(reason(&"[".repeat(100_000)).starts_with("line 1: "));
        assert!(reason(&"- ".repeat(1_000)).contains("nested more than 100 deep"));
        assert!(reason(&format!("a0: &a0 x\n{bomb}")).contains("too large"));
        let tower: String = (1..40).map(|n| format!("a{n}: &a{n} [[[[*a{}]]]]\n", n - 1)).collect();
        assert!(reason(&format!("a0: &a0 x\n{tower}")).contains("nested more than 100 deep"));
        assert!(reason("a: *b").contains("not YAML"));
        assert!(reason("a: &a [*a]").contains("refers to what is not there yet"));
        assert!(reason("").contains("empty"));
        assert!(reason("a: 1\n---\nb: 1").contains("second"));
        assert!(reason("? [a]\n: 1").contains("a key must be a plain text"));
    }

    #[test]
    fn of_a_key_that_is_there_twice_the_last_counts() {
        let document = parse("a: 1\nb: 2\na: 3").unwrap();

        assert_eq!(document.root.get("a").unwrap().as_text(), Some("3"));
        assert_eq!(document.repeated, [("a".to_owned(), Place { line: 3, column: 1 })]);
    }
}
