//! Intrinsic functions: from a value as it is written to the value that it stands for.

use super::node::{Content, Entry, Node, Place};
use super::scope::Scope;
use super::text::{Piece, Text};
use super::value::{Field, Kind, Value};

impl Scope<'_> {
    /// The value, as far as it can be known. `None` is `AWS::NoValue`, which takes what holds it away.
    pub(crate) fn resolve(&self, node: &Node) -> Option<Value> {
        if !self.may_make_another() {
            return Some(Value::unknown(node.place, "too much"));
        }
        if let Some((function, argument)) = node.as_function() {
            return self.call(function, argument, node.place);
        }
        let kind = match &node.content {
            Content::Null => Kind::Null,
            Content::Scalar(text) => Kind::Text(with_dynamic_references(text)),
            Content::List(items) => {
                Kind::List(items.iter().filter_map(|item| self.resolve(item)).collect())
            }
            Content::Map(entries) => {
                Kind::Map(entries.iter().filter_map(|entry| self.field(entry)).collect())
            }
        };
        Some(Value { place: node.place, kind })
    }

    fn field(&self, entry: &Entry) -> Option<Field> {
        let value = self.resolve(&entry.value)?;
        Some(Field { key: entry.key.clone(), place: entry.place, value })
    }

    fn call(&self, function: &str, argument: &Node, place: Place) -> Option<Value> {
        let unknown = || Value::unknown(place, name_of(function, argument));
        let result = match function {
            "Ref" => match argument.as_text() {
                Some(name) => return self.reference(name, place),
                None => None,
            },
            "Fn::If" => return self.choose(argument, place),
            "Fn::GetAtt" => self.attribute(argument).map(|text| Value::text(place, text)),
            "Fn::Sub" => self.substitute(argument).map(|text| Value::text(place, text)),
            "Fn::Join" => self.join(argument).map(|text| Value::text(place, text)),
            "Fn::Split" => self.split(argument),
            "Fn::Select" => self.select(argument),
            "Fn::FindInMap" => self.find_in_map(argument, place),
            "Fn::ToJsonString" => self.resolve(argument),
            _ => None,
        };
        Some(result.unwrap_or_else(unknown))
    }

    fn choose(&self, argument: &Node, place: Place) -> Option<Value> {
        let unknown = || Some(Value::unknown(place, name_of("Fn::If", argument)));
        let Some([condition, yes, no]) = argument.as_list() else { return unknown() };
        match condition.as_text().and_then(|name| self.condition(name)) {
            Some(true) => self.resolve(yes),
            Some(false) => self.resolve(no),
            None => unknown(),
        }
    }

    fn text(&self, node: &Node) -> Option<Text> {
        self.resolve(node)?.as_text().map(std::borrow::Cow::into_owned)
    }

    fn attribute(&self, argument: &Node) -> Option<Text> {
        let (id, name) = match argument.as_list() {
            Some([id, name]) => (id.as_text()?.to_owned(), self.text(name)?.to_string()),
            _ => {
                let (id, name) = argument.as_text()?.split_once('.')?;
                (id.to_owned(), name.to_owned())
            }
        };
        Some(Text::of(Piece::Attribute(id, name)))
    }

    fn substitute(&self, argument: &Node) -> Option<Text> {
        let (template, variables) = match argument.as_list() {
            Some([template, variables]) => (template, Some(variables)),
            Some(_) => return None,
            None => (argument, None),
        };
        let mut rest = template.as_text()?;
        // A dynamic reference may have variables in it; then nothing of it is known here.
        if rest.contains("{{resolve:") {
            return None;
        }
        let mut text = Text::default();
        while let Some((before, after)) = rest.split_once("${") {
            text.push(Piece::Known(before.to_owned()));
            let Some((name, after)) = after.split_once('}') else {
                text.push(Piece::Known("${".to_owned()));
                rest = after;
                continue;
            };
            text.append(self.variable(name, variables)?);
            rest = after;
        }
        text.push(Piece::Known(rest.to_owned()));
        Some(text)
    }

    fn variable(&self, name: &str, variables: Option<&Node>) -> Option<Text> {
        if let Some(literal) = name.strip_prefix('!') {
            return Some(Text::known(format!("${{{literal}}}")));
        }
        let name = name.trim();
        if let Some(value) = variables.and_then(|variables| variables.get(name)) {
            return self.text(value);
        }
        match name.split_once('.') {
            Some((id, attribute)) => {
                Some(Text::of(Piece::Attribute(id.to_owned(), attribute.to_owned())))
            }
            None => {
                let value = self.reference(name, Place::START)?;
                value.as_text().map(std::borrow::Cow::into_owned)
            }
        }
    }

    fn join(&self, argument: &Node) -> Option<Text> {
        let [separator, items] = argument.as_list()? else { return None };
        let separator = self.text(separator)?;
        let Kind::List(items) = self.resolve(items)?.kind else { return None };
        let mut text = Text::default();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                text.append(separator.clone());
            }
            text.append(item.as_text()?.into_owned());
        }
        Some(text)
    }

    fn split(&self, argument: &Node) -> Option<Value> {
        let [separator, text] = argument.as_list()? else { return None };
        let (separator, text) = (self.text(separator)?, self.text(text)?);
        let (separator, text) = (separator.as_known()?, text.as_known()?);
        if separator.is_empty() {
            return None;
        }
        let part = |part: &str| Value::text(argument.place, Text::known(part));
        let parts = text.split(separator).map(part).collect();
        Some(Value { place: argument.place, kind: Kind::List(parts) })
    }

    fn select(&self, argument: &Node) -> Option<Value> {
        let [index, items] = argument.as_list()? else { return None };
        let index: usize = self.text(index)?.as_known()?.trim().parse().ok()?;
        let Kind::List(items) = self.resolve(items)?.kind else { return None };
        items.into_iter().nth(index)
    }

    fn find_in_map(&self, argument: &Node, place: Place) -> Option<Value> {
        let [map, first, second, ..] = argument.as_list()? else { return None };
        let (map, first, second) = (self.text(map)?, self.text(first)?, self.text(second)?);
        Some(self.mapped(map.as_known()?, first.as_known()?, second.as_known()?, place))
    }
}

/// `{{resolve:ssm:...}}` is looked up at deployment.
fn with_dynamic_references(text: &str) -> Text {
    let mut result = Text::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{resolve:") {
        let Some((name, after)) = after.split_once("}}") else { break };
        result.push(Piece::Known(before.to_owned()));
        result.push(Piece::Unknown(format!("resolve:{name}")));
        rest = after;
    }
    result.push(Piece::Known(rest.to_owned()));
    result
}

/// A name for what a function gives: the same for the same call.
fn name_of(function: &str, argument: &Node) -> String {
    let mut name = function.trim_start_matches("Fn::").to_owned();
    describe(argument, &mut name);
    name
}

fn describe(node: &Node, name: &mut String) {
    // Long enough to tell calls apart, short enough to be read.
    const LONGEST: usize = 120;
    if name.chars().count() > LONGEST {
        return;
    }
    match &node.content {
        Content::Null => {}
        Content::Scalar(text) => {
            name.push(' ');
            name.extend(text.chars().take(LONGEST));
        }
        Content::List(items) => items.iter().for_each(|item| describe(item, name)),
        Content::Map(entries) => {
            for entry in entries {
                name.push(' ');
                name.push_str(&entry.key);
                describe(&entry.value, name);
            }
        }
    }
}
