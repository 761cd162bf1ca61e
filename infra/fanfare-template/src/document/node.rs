//! The tree that a template's text is read into: every value knows its place.

use super::weight;
use std::fmt;

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

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A value as it is written, and where it starts. Short forms are gone: `!Sub x` reads as `{"Fn::Sub": "x"}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where the value starts.
    pub place: Place,
    /// What it is.
    pub content: Content,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Nothing: `null`, `~`, or no value at all.
    Null,
    /// A text. Numbers and booleans are texts too, as CloudFormation treats them.
    Scalar {
        /// The text, without its quotes.
        text: String,
        /// Whether it was written without quotes, which tells `5` from `"5"`.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A map, in the file's order.
    Map(Vec<Entry>),
}

/// One entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key is.
    pub place: Place,
    /// The value.
    pub value: Node,
}

impl Node {
    pub(crate) fn text(place: Place, text: impl Into<String>) -> Self {
        Self { place, content: Content::Scalar { text: text.into(), plain: false } }
    }

    /// The text, if the value is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The items, if the value is a list.
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, if the value is a map.
    pub fn as_map(&self) -> Option<&[Entry]> {
        match &self.content {
            Content::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a map's key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The items of a list, or the value itself where one may stand for a list of one.
    pub(crate) fn each(&self) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            Content::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// How much the value holds, itself included, in the unit of [`weight`].
    pub(crate) fn weight(&self) -> usize {
        match &self.content {
            Content::Null => 1,
            Content::Scalar { text, .. } => weight(text),
            Content::List(items) => 1 + items.iter().map(Self::weight).sum::<usize>(),
            Content::Map(entries) => {
                1 + entries
                    .iter()
                    .map(|entry| weight(&entry.key) + entry.value.weight())
                    .sum::<usize>()
            }
        }
    }

    /// The function that a map of one entry stands for, and its argument.
    pub(crate) fn as_function(&self) -> Option<(&str, &Node)> {
        match self.as_map()? {
            [entry] if entry.key == "Ref" || entry.key.starts_with("Fn::") => {
                Some((&entry.key, &entry.value))
            }
            _ => None,
        }
    }
}
