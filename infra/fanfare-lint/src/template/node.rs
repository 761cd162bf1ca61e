//! The tree that a template's text is read into: every value knows its place.

/// A line and a column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

impl Place {
    /// Where the text begins.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// A value and where it starts.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) content: Content,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Null,
    /// Numbers and booleans too, as CloudFormation treats them.
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One entry of a map, in the file's order.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) value: Node,
}

/// Why a text is no template.
#[derive(Debug, thiserror::Error)]
#[error("line {}: {reason}", place.line)]
pub struct Unreadable {
    /// Where reading ended.
    pub place: Place,
    /// What is wrong there.
    pub reason: String,
}

impl Unreadable {
    pub(crate) fn new(place: Place, reason: impl Into<String>) -> Self {
        Self { place, reason: reason.into() }
    }
}

impl Node {
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Node]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn as_map(&self) -> Option<&[Entry]> {
        match &self.content {
            Content::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The function that a resolvable map stands for, and its argument.
    pub(crate) fn as_function(&self) -> Option<(&str, &Node)> {
        match self.as_map()? {
            [entry] if entry.key == "Ref" || entry.key.starts_with("Fn::") => {
                Some((&entry.key, &entry.value))
            }
            _ => None,
        }
    }
}
