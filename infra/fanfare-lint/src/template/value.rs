//! Values with their functions resolved, as far as the template alone allows.

use super::node::{Content, Node, Place};
use super::text::Text;
use super::yaml;
use std::borrow::Cow;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
}

/// What a [`Value`] is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Null,
    Text(Text),
    List(Vec<Value>),
    Map(Vec<Field>),
    /// Something, of whatever shape, that only AWS knows; what it depends on.
    Unknown(String),
}

/// One entry of a map.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What a template says of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Setting<T> {
    Absent,
    /// What it depends on, and nobody knows before AWS does.
    Unknown(String),
    Known(T),
}

impl<T> Setting<T> {
    /// The same, with AWS's default for what is absent.
    pub(crate) fn or_default(self, default: T) -> Self {
        match self {
            Self::Absent => Self::Known(default),
            other => other,
        }
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        match self {
            Self::Absent => Setting::Absent,
            Self::Unknown(why) => Setting::Unknown(why),
            Self::Known(value) => Setting::Known(change(value)),
        }
    }

    pub(crate) fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }
}

impl Value {
    pub(crate) fn text(place: Place, text: Text) -> Self {
        Self { place, kind: Kind::Text(text) }
    }

    pub(crate) fn unknown(place: Place, why: impl Into<String>) -> Self {
        Self { place, kind: Kind::Unknown(why.into()) }
    }

    /// The value as it is written, functions in it unknown.
    pub(crate) fn literal(node: &Node) -> Self {
        let kind = match &node.content {
            _ if node.as_function().is_some() => Kind::Unknown("a function".into()),
            Content::Null => Kind::Null,
            Content::Scalar(text) => Kind::Text(Text::known(text.as_str())),
            Content::List(items) => Kind::List(items.iter().map(Self::literal).collect()),
            Content::Map(entries) => Kind::Map(
                entries
                    .iter()
                    .map(|entry| Field {
                        key: entry.key.clone(),
                        place: entry.place,
                        value: Self::literal(&entry.value),
                    })
                    .collect(),
            ),
        };
        Self { place: node.place, kind }
    }

    /// As a text, which an unknown value is too.
    pub(crate) fn as_text(&self) -> Option<Cow<'_, Text>> {
        match &self.kind {
            Kind::Text(text) => Some(Cow::Borrowed(text)),
            Kind::Unknown(why) => Some(Cow::Owned(Text::unknown(why.as_str()))),
            _ => None,
        }
    }

    /// As a text of which everything is known.
    pub(crate) fn as_known(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => text.as_known(),
            _ => None,
        }
    }

    pub(crate) fn fields(&self) -> &[Field] {
        match &self.kind {
            Kind::Map(fields) => fields,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Value] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list, or the value itself where one may stand for a list of one.
    pub(crate) fn each(&self) -> &[Value] {
        match &self.kind {
            Kind::List(items) => items,
            Kind::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// What this depends on, if it is unknown as a whole.
    pub(crate) fn why_unknown(&self) -> Option<&str> {
        match &self.kind {
            Kind::Unknown(why) => Some(why),
            _ => None,
        }
    }

    pub(crate) fn field(&self, key: &str) -> Option<&Field> {
        self.fields().iter().find(|field| field.key == key)
    }

    /// The value below, by keys.
    pub(crate) fn find(&self, path: &[&str]) -> Setting<&Value> {
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
            Kind::Unknown(why) => Setting::Unknown(why.clone()),
            _ => Setting::Known(value),
        }
    }

    pub(crate) fn find_text(&self, path: &[&str]) -> Setting<Text> {
        match self.find(path) {
            Setting::Known(value) => match value.as_text() {
                Some(text) => Setting::Known(text.into_owned()),
                None => Setting::Unknown("something that is no text".into()),
            },
            Setting::Unknown(why) => Setting::Known(Text::unknown(why)),
            Setting::Absent => Setting::Absent,
        }
    }

    pub(crate) fn number(&self, path: &[&str]) -> Setting<i64> {
        self.scalar(path, |text| text.trim().parse().ok())
    }

    /// A boolean, in any of YAML's spellings.
    pub(crate) fn flag(&self, path: &[&str]) -> Setting<bool> {
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
    pub(crate) fn as_document(&self) -> Cow<'_, Value> {
        let Kind::Text(text) = &self.kind else { return Cow::Borrowed(self) };
        let parsed = text.as_known().map(yaml::parse);
        Cow::Owned(match parsed {
            Some(Ok(document)) => Self { place: self.place, ..Self::literal(&document.root) },
            Some(Err(error)) => Self::unknown(self.place, error.to_string()),
            None => Self::unknown(self.place, self.unknown_part()),
        })
    }
}
