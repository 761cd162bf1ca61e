//! Values with their functions resolved, as far as the template alone allows.

mod json;
mod setting;
mod text;
mod unknown;

pub use setting::Setting;
pub use text::{Piece, Text};
pub use unknown::{Cause, Unknown};

use crate::document::{self, Content, Node, Place};
use std::borrow::Cow;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Where it stands: for what a function gives, where the function is.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
}

/// What a [`Value`] is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Nothing.
    Null,
    /// A text. Numbers and booleans are texts too.
    Text {
        /// The text, as far as it is known.
        text: Text,
        /// Whether it was written without quotes, which tells `5` from `"5"`.
        plain: bool,
    },
    /// The text of a JSON document, as `Fn::ToJsonString` gives it.
    Json {
        /// The text.
        text: Text,
        /// What it is the text of.
        value: Box<Value>,
    },
    /// A list.
    List(Vec<Value>),
    /// A map, in the file's order.
    Map(Vec<Field>),
    /// Something, of whatever shape, that only AWS knows.
    Unknown(Unknown),
}

/// One entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The key.
    pub key: String,
    /// Where the key is.
    pub place: Place,
    /// The value.
    pub value: Value,
}

impl Value {
    /// A text.
    pub fn text(place: Place, text: Text) -> Self {
        Self { place, kind: Kind::Text { text, plain: false } }
    }

    pub(crate) fn list(place: Place, items: Vec<Self>) -> Self {
        Self { place, kind: Kind::List(items) }
    }

    /// A map without entries.
    pub fn empty(place: Place) -> Self {
        Self { place, kind: Kind::Map(Vec::new()) }
    }

    /// A value of which nothing is known.
    pub fn unknown(place: Place, unknown: impl Into<Unknown>) -> Self {
        Self { place, kind: Kind::Unknown(unknown.into()) }
    }

    /// The value as it is written, functions in it unknown.
    pub(crate) fn literal(node: &Node) -> Self {
        let field = |entry: &document::Entry| Field {
            key: entry.key.clone(),
            place: entry.place,
            value: Self::literal(&entry.value),
        };
        let kind = match &node.content {
            _ if node.as_function().is_some() => Kind::Unknown("a function".into()),
            Content::Null => Kind::Null,
            Content::Scalar { text, plain } => {
                Kind::Text { text: Text::known(text.as_str()), plain: *plain }
            }
            Content::List(items) => Kind::List(items.iter().map(Self::literal).collect()),
            Content::Map(entries) => Kind::Map(entries.iter().map(field).collect()),
        };
        Self { place: node.place, kind }
    }

    /// As a text, which an unknown value is too.
    pub fn as_text(&self) -> Option<Cow<'_, Text>> {
        match &self.kind {
            Kind::Text { text, .. } | Kind::Json { text, .. } => Some(Cow::Borrowed(text)),
            Kind::Unknown(unknown) => Some(Cow::Owned(Text::unknown(unknown.clone()))),
            _ => None,
        }
    }

    /// As a text of which everything is known.
    pub fn as_known(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text { text, .. } | Kind::Json { text, .. } => text.as_known(),
            _ => None,
        }
    }

    /// The entries of a map, or of the map that a JSON document holds; empty if it is no map.
    pub fn fields(&self) -> &[Field] {
        match &self.kind {
            Kind::Map(fields) => fields,
            Kind::Json { value, .. } => value.fields(),
            _ => &[],
        }
    }

    /// The items of a list, or of the list that a JSON document holds; empty if it is no list.
    pub fn items(&self) -> &[Value] {
        match &self.kind {
            Kind::List(items) => items,
            Kind::Json { value, .. } => value.items(),
            _ => &[],
        }
    }

    /// The items of a list, or the value itself where one may stand for a list of one.
    pub fn each(&self) -> &[Value] {
        match &self.kind {
            Kind::List(items) => items,
            Kind::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// What this depends on, if it is unknown as a whole.
    pub fn why_unknown(&self) -> Option<&str> {
        match &self.kind {
            Kind::Unknown(unknown) => Some(&unknown.name),
            _ => None,
        }
    }

    /// An entry of the map that this is.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields().iter().find(|field| field.key == key)
    }

    /// The value below, by keys.
    pub fn find(&self, path: &[&str]) -> Setting<&Value> {
        let mut value = self;
        for key in path {
            if let Some(why) = value.why_unknown() {
                return Setting::Unknown(why.to_owned());
            }
            match value.field(key) {
                Some(field) => value = &field.value,
                None => return Setting::Absent,
            }
        }
        match &value.kind {
            Kind::Null => Setting::Absent,
            Kind::Unknown(unknown) => Setting::Unknown(unknown.name.clone()),
            _ => Setting::Known(value),
        }
    }

    /// The text below, by keys; one that is unknown is a text too.
    pub fn find_text(&self, path: &[&str]) -> Setting<Text> {
        match self.find(path) {
            Setting::Known(value) => match value.as_text() {
                Some(text) => Setting::Known(text.into_owned()),
                None => Setting::Unknown("something that is no text".into()),
            },
            Setting::Unknown(why) => Setting::Known(Text::unknown(why)),
            Setting::Absent => Setting::Absent,
        }
    }

    /// The number below, by keys.
    pub fn number(&self, path: &[&str]) -> Setting<i64> {
        self.scalar(path, |text| text.trim().parse().ok())
    }

    /// The boolean below, by keys, in any of YAML's spellings.
    pub fn flag(&self, path: &[&str]) -> Setting<bool> {
        self.scalar(path, |text| match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        })
    }

    fn scalar<T>(&self, path: &[&str], read: impl Fn(&str) -> Option<T>) -> Setting<T> {
        match self.find(path) {
            Setting::Known(value) => match value.as_known().map(|text| (text, read(text))) {
                Some((_, Some(value))) => Setting::Known(value),
                Some((text, None)) => Setting::Unknown(format!("{text:?}")),
                None => Setting::Unknown(value.unknown_part()),
            },
            Setting::Unknown(why) => Setting::Unknown(why),
            Setting::Absent => Setting::Absent,
        }
    }

    fn unknown_part(&self) -> String {
        let text = self.as_text();
        let piece = text.as_ref().and_then(|text| text.first_unknown());
        piece.map_or_else(|| "something that is no text".to_owned(), ToString::to_string)
    }

    /// The value itself, or what the JSON says that it is the text of: several properties take either.
    pub fn as_document(&self) -> Cow<'_, Value> {
        let text = match &self.kind {
            Kind::Text { text, .. } => text,
            Kind::Json { value, .. } => return Cow::Borrowed(value),
            _ => return Cow::Borrowed(self),
        };
        let parsed = text.as_known().map(document::parse);
        Cow::Owned(match parsed {
            Some(Ok(parsed)) => Self { place: self.place, ..Self::literal(&parsed.root) },
            Some(Err(error)) => Self::unknown(self.place, error.to_string()),
            None => Self::unknown(self.place, self.unknown_part()),
        })
    }
}
