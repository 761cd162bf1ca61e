//! Intrinsic functions.

use super::Resolver;
use crate::document::{Content, Node, Place, weight};
use crate::value::{Cause, Kind, Text, Unknown, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

impl Resolver<'_> {
    pub(super) fn call(&self, function: &str, argument: &Node, place: Place) -> Option<Value> {
        let text = |text: Result<Text, Unknown>| text.map(|text| Value::text(place, text));
        let result = match function {
            "Ref" => match argument.as_text() {
                Some(name) => return self.reference(name, place),
                None => Err(self.trail.fault(place, "must give Ref a name")),
            },
            "Fn::If" => match self.choose(argument) {
                Ok(chosen) => return chosen,
                Err(unknown) => Err(unknown),
            },
            "Fn::GetAtt" => text(self.get_att(argument)),
            "Fn::Sub" => text(self.substitute(argument)),
            "Fn::Join" => text(self.join(argument)),
            "Fn::Split" => self.split(argument),
            "Fn::Select" => self.select(argument),
            "Fn::FindInMap" => self.find_in_map(argument, place),
            "Fn::Base64" => text(self.base64(argument)),
            "Fn::ToJsonString" | "Fn::Length" if !self.template.extensions.language => {
                let needed = "`Transform: AWS::LanguageExtensions`";
                Err(self.trail.fault(place, format!("uses {function}, which needs {needed}")))
            }
            "Fn::ToJsonString" => self.to_json_string(argument, place),
            "Fn::Length" => text(self.length(argument)),
            "Fn::Cidr" | "Fn::GetAZs" | "Fn::GetStackOutput" | "Fn::ImportValue"
            | "Fn::Transform" => {
                // Its argument is looked at, so that a mistake is found in it.
                self.resolve(argument);
                Err(Unknown::new(function, Cause::Function(function.to_owned())))
            }
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" => Err(self
                .trail
                .fault(place, format!("uses {function}, which belongs in Conditions"))),
            other => {
                let message = format!("uses {other}, which is no function of CloudFormation");
                Err(self.trail.fault(place, message))
            }
        };
        let unknown =
            |unknown: Unknown| Value::unknown(place, unknown.named(name_of(function, argument)));
        Some(result.unwrap_or_else(unknown))
    }

    /// A value that must come to a text.
    pub(super) fn text(&self, node: &Node) -> Result<Text, Unknown> {
        let value = self.resolve(node);
        let text = value.as_ref().and_then(|value| value.as_text()).map(Cow::into_owned);
        text.ok_or_else(|| self.trail.fault(node.place, "must be a text"))
    }

    /// A value that must come to a text of which everything is known.
    pub(super) fn known_text(&self, node: &Node) -> Result<String, Unknown> {
        let text = self.text(node)?;
        let unknown = || text.why_unknown().unwrap_or_else(Unknown::fault);
        text.as_known().map(str::to_owned).ok_or_else(unknown)
    }

    /// A copy of a value, at another place.
    pub(super) fn copy(&self, value: &Value, place: Place) -> Result<Value, Unknown> {
        let texts = value.each().iter().filter_map(Value::as_known);
        self.trail.spend(1 + texts.map(weight).sum::<usize>())?;
        Ok(Value { place, kind: value.kind.clone() })
    }

    fn choose(&self, argument: &Node) -> Result<Option<Value>, Unknown> {
        let [condition, yes, no] =
            self.arguments("Fn::If", "a condition and two values", argument)?;
        let Some(name) = condition.as_text() else {
            let message = "must give Fn::If the name of a condition";
            return Err(self.trail.fault(condition.place, message));
        };
        match self.condition(name, condition.place) {
            Ok(true) => Ok(self.resolve(yes)),
            Ok(false) => Ok(self.resolve(no)),
            Err(unknown) => Err(unknown),
        }
    }

    fn join(&self, argument: &Node) -> Result<Text, Unknown> {
        let [separator, items] = self.arguments("Fn::Join", "a separator and a list", argument)?;
        let separator = self.text(separator)?;
        let items = self.list("Fn::Join", items)?;
        let mut text = Text::default();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.append(&mut text, separator.clone())?;
            }
            let wrong = || self.trail.fault(argument.place, "must give Fn::Join a list of texts");
            self.append(&mut text, item.as_text().ok_or_else(wrong)?.into_owned())?;
        }
        Ok(text)
    }

    fn split(&self, argument: &Node) -> Result<Value, Unknown> {
        let [separator, text] = self.arguments("Fn::Split", "a separator and a text", argument)?;
        let (separator, text) = (self.known_text(separator)?, self.known_text(text)?);
        if separator.is_empty() {
            return Err(self.trail.fault(argument.place, "must give Fn::Split a separator"));
        }
        self.trail.spend(text.len())?;
        let part = |part: &str| Value::text(argument.place, Text::known(part));
        Ok(Value::list(argument.place, text.split(&separator).map(part).collect()))
    }

    fn select(&self, argument: &Node) -> Result<Value, Unknown> {
        let [index, items] = self.arguments("Fn::Select", "an index and a list", argument)?;
        let index = self.known_text(index)?;
        let mut items = self.list("Fn::Select", items)?;
        match index.trim().parse().ok().filter(|at: &usize| *at < items.len()) {
            Some(at) => Ok(items.swap_remove(at)),
            None => {
                let message = format!("selects item {index} of a list of {}, from 0", items.len());
                Err(self.trail.fault(argument.place, message))
            }
        }
    }

    fn find_in_map(&self, argument: &Node, place: Place) -> Result<Value, Unknown> {
        let what = "a map and two keys";
        let (keys, default) = match argument.as_list() {
            Some([map, first, second]) => ([map, first, second], None),
            Some([map, first, second, default]) if self.template.extensions.language => {
                ([map, first, second], default.get("DefaultValue"))
            }
            _ => return Err(self.wrong("Fn::FindInMap", what, argument)),
        };
        let [map, first, second] = keys.map(|key| self.known_text(key));
        let (map, first, second) = (map?, first?, second?);
        match (self.template.mapped(&map, &first, &second), default) {
            (Ok(node), _) => self.resolved(node).map(|value| Value { place, ..value }),
            (Err(_), Some(default)) => self.resolved(default),
            (Err(missing), None) => {
                let message = format!("looks up {missing}, which is not in the template");
                Err(self.trail.fault(argument.place, message))
            }
        }
    }

    fn resolved(&self, node: &Node) -> Result<Value, Unknown> {
        self.resolve(node).ok_or_else(|| self.trail.fault(node.place, "must be a value"))
    }

    fn base64(&self, argument: &Node) -> Result<Text, Unknown> {
        let plain = self.known_text(argument)?;
        self.trail.spend(weight(&plain))?;
        Ok(Text::known(STANDARD.encode(plain)))
    }

    fn to_json_string(&self, argument: &Node, place: Place) -> Result<Value, Unknown> {
        let value = self
            .resolve(argument)
            .filter(|value| matches!(value.kind, Kind::Map(_) | Kind::List(_) | Kind::Unknown(_)));
        let wrong = || self.trail.fault(place, "must give Fn::ToJsonString a map or a list");
        let value = value.ok_or_else(wrong)?;
        let text = value.to_json_text();
        text.pieces().iter().try_for_each(|piece| self.trail.spend(weight(&piece.to_string())))?;
        Ok(Value { place, kind: Kind::Json { text, value: Box::new(value) } })
    }

    fn length(&self, argument: &Node) -> Result<Text, Unknown> {
        Ok(Text::known(self.list("Fn::Length", argument)?.len().to_string()))
    }

    fn list(&self, function: &str, node: &Node) -> Result<Vec<Value>, Unknown> {
        match self.resolve(node).map(|value| value.kind) {
            Some(Kind::List(items)) => Ok(items),
            Some(Kind::Unknown(unknown)) => Err(unknown),
            _ => Err(self.trail.fault(node.place, format!("must give {function} a list"))),
        }
    }

    /// A function's arguments, of which there must be so many.
    fn arguments<'n, const N: usize>(
        &self,
        function: &str,
        what: &str,
        argument: &'n Node,
    ) -> Result<&'n [Node; N], Unknown> {
        let items = argument.as_list().and_then(|items| items.try_into().ok());
        items.ok_or_else(|| self.wrong(function, what, argument))
    }

    fn wrong(&self, function: &str, what: &str, argument: &Node) -> Unknown {
        self.trail.fault(argument.place, format!("must give {function} {what}"))
    }
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
        Content::Scalar { text, .. } => {
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
