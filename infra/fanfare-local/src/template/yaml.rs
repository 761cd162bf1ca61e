//! A template's text as a tree in which every value knows its line.
//!
//! Short-form tags are gone after this: `!Sub x` reads as `{"Fn::Sub": "x"}`. JSON is read as the YAML
//! that it is.

use saphyr::{MarkedYaml, ScalarStyle, Tag, YamlData, YamlLoader};
use saphyr_parser::Parser;
use serde_json::Value as Json;

use super::error::Fault;

/// A value and the line it starts on.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    /// Numbers and booleans too, as CloudFormation treats them; `plain` tells `5` from `"5"`.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One entry of a map, in the file's order.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) value: Node,
}

pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    let scan = |error: &saphyr::ScanError| {
        Fault::new(error.marker().line(), format!("not YAML: {}", error.info()))
    };
    let mut loader = YamlLoader::<MarkedYaml<'_>>::default();
    // A scalar's tag (`!Ref Orders`) survives only if the scalar is left as it was written.
    loader.early_parse(false);
    Parser::new_from_str(text).load(&mut loader, true).map_err(|error| scan(&error))?;
    if let Some(error) = loader.error() {
        return Err(scan(error));
    }
    match loader.into_documents().as_slice() {
        [document] => convert(document),
        documents => {
            Err(Fault::new(1, format!("a template is one YAML document, not {}", documents.len())))
        }
    }
}

impl Node {
    pub(super) fn text(line: usize, text: impl Into<String>) -> Self {
        Self { line, value: Value::Scalar { text: text.into(), plain: false } }
    }

    pub(super) fn list(line: usize, items: Vec<Node>) -> Self {
        Self { line, value: Value::List(items) }
    }

    pub(super) fn map(line: usize, entries: Vec<Entry>) -> Self {
        Self { line, value: Value::Map(entries) }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn as_map(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The function that a resolvable map stands for, and its argument.
    pub(super) fn as_function(&self) -> Option<(&str, &Node)> {
        match self.as_map()? {
            [entry] if entry.key == "Ref" || entry.key.starts_with("Fn::") => {
                Some((&entry.key, &entry.value))
            }
            _ => None,
        }
    }

    /// JSON in which an unquoted `5` is a number and an unquoted `true` a boolean.
    pub(super) fn to_json(&self) -> Json {
        self.json(plain_json)
    }

    /// JSON in which everything is a text, as most properties are.
    pub(super) fn to_json_of_texts(&self) -> Json {
        self.json(|text| text.into())
    }

    fn json(&self, plain_to_json: fn(&str) -> Json) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Scalar { text, plain: true } => plain_to_json(text),
            Value::Scalar { text, plain: false } => Json::String(text.clone()),
            Value::List(items) => items.iter().map(|item| item.json(plain_to_json)).collect(),
            Value::Map(entries) => {
                let field = |entry: &Entry| (entry.key.clone(), entry.value.json(plain_to_json));
                entries.iter().map(field).collect()
            }
        }
    }
}

/// JSON's own numbers and booleans; anything else that YAML might take for one stays text.
fn plain_json(text: &str) -> Json {
    match serde_json::from_str(text) {
        Ok(value @ (Json::Bool(_) | Json::Number(_))) => value,
        _ => Json::String(text.to_owned()),
    }
}

fn convert(yaml: &MarkedYaml<'_>) -> Result<Node, Fault> {
    let line = yaml.span.start.line();
    match &yaml.data {
        YamlData::Representation(text, style, tag) => {
            Ok(scalar(line, text, *style, tag.as_deref()))
        }
        YamlData::Sequence(items) => {
            Ok(Node::list(line, items.iter().map(convert).collect::<Result<_, _>>()?))
        }
        YamlData::Mapping(entries) => map(line, entries.iter()),
        YamlData::Tagged(tag, inner) => Ok(tagged(tag, convert(inner)?)),
        YamlData::Value(_) | YamlData::Alias(_) | YamlData::BadValue => {
            Err(Fault::new(line, "not YAML: a value is missing or refers to an unknown anchor"))
        }
    }
}

fn scalar(line: usize, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Node {
    let plain = style == ScalarStyle::Plain && tag.is_none();
    if plain && matches!(text, "" | "~" | "null") {
        return Node { line, value: Value::Null };
    }
    let node = Node { line, value: Value::Scalar { text: text.to_owned(), plain } };
    match tag {
        Some(tag) => tagged(tag, node),
        None => node,
    }
}

fn map<'y, 'i: 'y>(
    line: usize,
    pairs: impl Iterator<Item = (&'y MarkedYaml<'i>, &'y MarkedYaml<'i>)>,
) -> Result<Node, Fault> {
    let mut entries: Vec<Entry> = Vec::new();
    for (key, value) in pairs {
        let line = key.span.start.line();
        let YamlData::Representation(name, ..) = &key.data else {
            return Err(Fault::new(line, "a key must be a plain text"));
        };
        if entries.iter().any(|entry| entry.key == **name) {
            return Err(Fault::new(line, format!("the key {name} is here twice")));
        }
        entries.push(Entry { key: name.clone().into_owned(), line, value: convert(value)? });
    }
    Ok(Node::map(line, entries))
}

fn tagged(tag: &Tag, node: Node) -> Node {
    if tag.is_yaml_core_schema() || tag.suffix.is_empty() {
        return node;
    }
    let key = match tag.suffix.as_str() {
        name @ ("Ref" | "Condition") => name.to_owned(),
        name => format!("Fn::{name}"),
    };
    let line = node.line;
    Node::map(line, vec![Entry { key, line, value: node }])
}
