//! The values of `Parameters`: what was given, the defaults, and the template's own rules for both.

use crate::document::{Entry, Node, Place};
use crate::problem::{Part, Problem, Problems};
use crate::value::{Cause, Kind, Text, Unknown, Value};
use std::collections::BTreeMap;

/// What an entry of `Parameters` may say.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
const KEYS: [&str; 11] = [
    "Type",
    "Default",
    "Description",
    "AllowedValues",
    "AllowedPattern",
    "ConstraintDescription",
    "MinValue",
    "MaxValue",
    "MinLength",
    "MaxLength",
    "NoEcho",
];

/// One of a template's parameters.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// Its type, such as `String` or `CommaDelimitedList`.
    pub kind: String,
    /// The values that it may have; empty if any.
    pub allowed: Vec<String>,
    /// Its value: a list for a list type, unknown without a value and for what AWS looks up.
    pub value: Value,
}

impl Parameter {
    /// Whether it has no default and was given no value, so that no stack can be made of the template.
    pub fn is_missing(&self) -> bool {
        matches!(&self.value.kind, Kind::Unknown(Unknown { cause: Cause::Parameter(_), .. }))
    }
}

/// Every parameter with its value. Values that break a rule are problems, and count all the same.
pub(super) fn read(
    section: &[Entry],
    given: &BTreeMap<String, String>,
    problems: &mut Problems,
) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for entry in section {
        let definition = Definition { entry, kind: kind_of(entry) };
        problems.extend(definition.faults().map(|fault| fault.of(Part::Parameter, &entry.key)));
        let value = definition.value(given.get(&entry.key)).unwrap_or_else(|problem| {
            problems.push(problem.of(Part::Parameter, &entry.key));
            Value::unknown(entry.place, Unknown::fault())
        });
        parameters.push(Parameter {
            name: entry.key.clone(),
            place: entry.place,
            kind: definition.kind.to_owned(),
            allowed: definition.allowed().map(str::to_owned).collect(),
            value,
        });
    }
    parameters
}

fn kind_of(entry: &Entry) -> &str {
    entry.value.get("Type").and_then(Node::as_text).unwrap_or_default()
}

/// An entry of `Parameters`, as it is written.
struct Definition<'t> {
    entry: &'t Entry,
    kind: &'t str,
}

impl<'t> Definition<'t> {
    fn faults(&self) -> impl Iterator<Item = Problem> {
        let entries = self.entry.value.as_map().unwrap_or_default();
        let unknown = entries.iter().filter(|entry| !KEYS.contains(&entry.key.as_str()));
        let unknown = unknown.map(|entry| {
            Problem::invalid(entry.place, format!("has an unknown key {}", entry.key))
        });
        unknown.chain(self.fault_of_type())
    }

    fn fault_of_type(&self) -> Option<Problem> {
        let place = self.entry.place;
        match self.kind {
            "" => Some(Problem::invalid(place, "has no Type")),
            "String" | "Number" | "CommaDelimitedList" => None,
            kind if kind.starts_with("List<") || kind.starts_with("AWS::") => None,
            kind => Some(Problem::invalid(place, format!("is of type {kind}, which there is not"))),
        }
    }

    fn value(&self, given: Option<&String>) -> Result<Value, Problem> {
        let place = self.entry.place;
        let name = &self.entry.key;
        // What such a parameter is given is the name of what is looked up.
        if self.kind.starts_with("AWS::SSM::Parameter::Value") {
            let cause = Cause::Lookup(format!("the parameter {name} of type {}", self.kind));
            return Ok(Value::unknown(place, Unknown::new(name, cause)));
        }
        let Some(text) = given.cloned().map_or_else(|| self.default(), |given| Ok(Some(given)))?
        else {
            return Ok(Value::unknown(place, Unknown::new(name, Cause::Parameter(name.clone()))));
        };
        if self.kind != "CommaDelimitedList" && !self.kind.starts_with("List<") {
            self.check(self.kind, &text)?;
            return Ok(Value::text(place, Text::known(text)));
        }
        let item_kind = self.kind.trim_start_matches("List<").trim_end_matches('>');
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let item = |item: &str| {
            self.check(item_kind, item)?;
            Ok(Value::text(place, Text::known(item)))
        };
        Ok(Value::list(place, items.map(item).collect::<Result<_, _>>()?))
    }

    fn default(&self) -> Result<Option<String>, Problem> {
        let Some(node) = self.entry.value.get("Default") else { return Ok(None) };
        match node.as_text() {
            Some(text) => Ok(Some(text.to_owned())),
            None => {
                Err(Problem::invalid(node.place, "must have a text or a number as its Default"))
            }
        }
    }

    fn allowed(&self) -> impl Iterator<Item = &'t str> {
        let allowed = self.entry.value.get("AllowedValues").and_then(Node::as_list);
        allowed.unwrap_or_default().iter().filter_map(Node::as_text)
    }

    fn check(&self, kind: &str, text: &str) -> Result<(), Problem> {
        let fault = |message: String| {
            let shown = self.shown(text);
            Problem::invalid(self.entry.place, format!("is {shown} and {message}"))
        };
        if self.entry.value.get("AllowedValues").is_some() && !self.allowed().any(|one| one == text)
        {
            let allowed: Vec<&str> = self.allowed().collect();
            return Err(fault(format!("must be one of {}", allowed.join(", "))));
        }
        if let Some(pattern) = self.broken_pattern(text) {
            return Err(fault(format!("must be of the form {pattern}")));
        }
        let is_number = kind == "Number";
        let size = match is_number {
            true => number(text).ok_or_else(|| fault("must be a number".to_owned()))?,
            false => text.chars().count() as f64,
        };
        let (least, most, of) = match is_number {
            true => ("MinValue", "MaxValue", ""),
            false => ("MinLength", "MaxLength", " characters"),
        };
        match (self.limit(least), self.limit(most)) {
            (Some(least), _) if size < least => Err(fault(format!("must be at least {least}{of}"))),
            (_, Some(most)) if size > most => Err(fault(format!("must be at most {most}{of}"))),
            _ => Ok(()),
        }
    }

    /// `AllowedPattern`, unless the value as a whole is of its form. What of Java's language only Java understands is left
    /// to AWS.
    fn broken_pattern(&self, text: &str) -> Option<&'t str> {
        let pattern = self.entry.value.get("AllowedPattern")?.as_text()?;
        let whole = regex_lite::Regex::new(&format!("^(?:{pattern})$")).ok()?;
        (!whole.is_match(text)).then_some(pattern)
    }

    /// The value as a message may show it: not at all if it is secret.
    fn shown(&self, text: &str) -> String {
        let secret = self.entry.value.get("NoEcho").and_then(Node::as_text);
        match secret.is_some_and(|secret| secret.eq_ignore_ascii_case("true")) {
            true => "****".to_owned(),
            false => format!("{text:?}"),
        }
    }

    fn limit(&self, name: &str) -> Option<f64> {
        self.entry.value.get(name).and_then(Node::as_text).and_then(number)
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}
