//! The tree, put together from the parser's events without recursion.

use super::yaml::{MAX_DEPTH, MAX_WEIGHT, Repeated, place, weight};
use super::{Content, Entry, Node, Place, Unreadable};
use saphyr_parser::{Event, ScalarStyle, Span, Tag};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The tree so far: what is open, and what an alias may refer to.
#[derive(Default)]
pub(super) struct Builder {
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Node, Extent)>,
    pub(super) document: Option<Node>,
    pub(super) repeated: Vec<Repeated>,
    weight: usize,
}

/// How much a value holds, itself included, and how deep it nests.
#[derive(Clone, Copy)]
struct Extent {
    weight: usize,
    depth: usize,
}

/// A list or map whose end has not come.
struct Open {
    place: Place,
    anchor: usize,
    tag: Option<String>,
    /// The weight when it began, to know its extent at its end.
    before: usize,
    /// How deep its items nest, so far.
    depth: usize,
    content: Collection,
}

enum Collection {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, keys: HashMap<String, usize>, key: Option<(String, Place)> },
}

impl Builder {
    pub(super) fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Unreadable> {
        let place = place(&span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let weight = weight(&text);
                self.count(place, weight)?;
                let node = scalar(place, &text, style, tag.as_deref());
                self.add(node, anchor, Extent { weight, depth: 0 })
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(place, anchor, tag.as_deref(), Collection::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let map = Collection::Map { entries: Vec::new(), keys: HashMap::new(), key: None };
                self.begin(place, anchor, tag.as_deref(), map)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(id) => {
                let Some((node, extent)) = self.anchors.get(&id).cloned() else {
                    return Err(Unreadable::new(place, "an alias refers to what is not there yet"));
                };
                self.count(place, extent.weight)?;
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
        self.weight += more;
        match self.weight > MAX_WEIGHT {
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
        let before = self.weight;
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
        self.add(node, anchor, Extent { weight: self.weight - before, depth: depth + 1 })
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
            Some(Collection::Map { entries, keys, key }) => match key.take() {
                Some((key, place)) => {
                    let entry = Entry { key, place, value: node };
                    self.repeated.extend(put(entries, keys, entry));
                }
                None => *key = Some((key_of(&node)?, node.place)),
            },
        }
        Ok(())
    }
}

/// Adds an entry, or says that its key is there again. `<<` may be: each of them is a merge.
fn put(
    entries: &mut Vec<Entry>,
    keys: &mut HashMap<String, usize>,
    entry: Entry,
) -> Option<Repeated> {
    match keys.get(&entry.key).and_then(|index| entries.get_mut(*index)) {
        Some(before) if entry.key != "<<" => {
            let (key, first, place) = (entry.key.clone(), before.place, entry.place);
            *before = entry;
            Some(Repeated { key, first, place })
        }
        _ => {
            keys.insert(entry.key.clone(), entries.len());
            entries.push(entry);
            None
        }
    }
}

fn key_of(node: &Node) -> Result<String, Unreadable> {
    match &node.content {
        Content::Scalar { text, .. } => Ok(text.clone()),
        Content::Null => Ok("null".to_owned()),
        _ => Err(Unreadable::new(node.place, "a key must be a plain text")),
    }
}

/// A map with what its `<<` entries bring: its own entries come first and win.
fn merged(entries: Vec<Entry>) -> Vec<Entry> {
    let (merges, mut entries): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|entry| entry.key == "<<");
    let mut keys: HashSet<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    for merge in merges {
        for map in merge.value.each() {
            let more = map.as_map().unwrap_or_default().iter();
            entries.extend(more.filter(|entry| keys.insert(entry.key.clone())).cloned());
        }
    }
    entries
}

fn scalar(place: Place, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Node {
    let plain = style == ScalarStyle::Plain && tag.is_none();
    let content = match plain && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        true => Content::Null,
        false => Content::Scalar { text: text.to_owned(), plain },
    };
    called(function_of(tag), Node { place, content })
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
