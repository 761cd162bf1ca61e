//! Reading resolved properties: each is taken once, and what is left at the end is not supported.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use fanfare_template::{Cause, Field, Kind, Part, Place, Problem, ProblemKind, Unknown, Value};
use serde_json::Value as Json;

use super::scope::known_text;

/// A map of properties that have not been taken yet.
#[derive(Clone)]
pub(super) struct Properties {
    /// Where the map is in its resource, such as `Events.Orders.`; empty at the top.
    prefix: String,
    place: Place,
    fields: Vec<Field>,
}

/// One property that was taken.
pub(super) struct Property {
    pub(super) key: String,
    path: String,
    pub(super) place: Place,
    pub(super) value: Value,
}

/// The problem that a value is needed which is unknown.
pub(super) fn needed(place: Place, unknown: &Unknown) -> Problem {
    match unknown.cause {
        // Every parameter without a value is told of by itself.
        Cause::Parameter(_) => Problem::told_already(place),
        _ => Problem::unknown(place, unknown),
    }
}

impl Properties {
    pub(super) fn new(place: Place, fields: Vec<Field>) -> Self {
        Self { prefix: String::new(), place, fields }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Property> {
        let index = self.fields.iter().position(|field| field.key == name)?;
        let Field { key, place, value } = self.fields.remove(index);
        Some(Property { path: format!("{}{key}", self.prefix), key, place, value })
    }

    /// The place of a property that is left to be taken, or of what holds it.
    pub(super) fn place_of(&self, name: &str) -> Place {
        self.fields.iter().find(|field| field.key == name).map_or(self.place, |field| field.place)
    }

    pub(super) fn require(&mut self, name: &str) -> Result<Property, Problem> {
        let path = format!("{}{name}", self.prefix);
        self.take(name)
            .ok_or_else(|| Problem::invalid(self.place, "is missing").of(Part::Property, &path))
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        self.take(name).map(|property| property.text().map(str::to_owned)).transpose()
    }

    pub(super) fn number<T>(
        &mut self,
        name: &str,
        range: RangeInclusive<T>,
    ) -> Result<Option<T>, Problem>
    where
        T: FromStr + PartialOrd + Display,
    {
        self.take(name).map(|property| property.number(range)).transpose()
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Problem> {
        self.take(name).map(|property| property.flag()).transpose()
    }

    /// Drops properties that make no difference to the runner.
    pub(super) fn ignore(&mut self, names: &[&str]) {
        self.fields.retain(|field| !names.contains(&field.key.as_str()));
    }

    /// Takes a property out by its path, as problems name it; of a list the whole list, so that no number changes what it
    /// means. Whether it was there.
    pub(super) fn remove(&mut self, path: &str) -> bool {
        remove(&mut self.fields, path)
    }

    /// The remaining properties, for maps whose keys are the template's own.
    pub(super) fn rest(mut self) -> Vec<Property> {
        let names: Vec<String> = self.fields.iter().map(|field| field.key.clone()).collect();
        names.iter().filter_map(|name| self.take(name)).collect()
    }

    pub(super) fn finish(mut self) -> Result<(), Problem> {
        match self.fields.first().map(|field| field.key.clone()).and_then(|name| self.take(&name)) {
            Some(property) => Err(property.unsupported("is not supported by the local runner")),
            None => Ok(()),
        }
    }
}

fn remove(fields: &mut Vec<Field>, path: &str) -> bool {
    let rest_of = |field: &Field| {
        let rest = path.strip_prefix(field.key.as_str())?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then(|| rest.to_owned())
    };
    let found = fields.iter().enumerate().find_map(|(index, field)| Some((index, rest_of(field)?)));
    let Some((index, rest)) = found else { return false };
    match (rest.strip_prefix('.'), &mut fields[index].value.kind) {
        (Some(rest), Kind::Map(inner)) => remove(inner, rest),
        _ => {
            fields.remove(index);
            true
        }
    }
}

impl Property {
    /// AWS refuses what the property is.
    pub(super) fn fault(&self, message: impl Into<String>) -> Problem {
        self.of(Problem::invalid(self.place, message))
    }

    /// AWS takes what the property is, and the runner does not.
    pub(super) fn unsupported(&self, message: impl Into<String>) -> Problem {
        self.of(Problem::unsupported(self.place, message))
    }

    pub(super) fn text(&self) -> Result<&str, Problem> {
        known_text(&self.value).map_err(|problem| match problem.kind {
            ProblemKind::Invalid => self.fault(problem.message),
            _ => self.of(problem),
        })
    }

    pub(super) fn number<T>(&self, range: RangeInclusive<T>) -> Result<T, Problem>
    where
        T: FromStr + PartialOrd + Display,
    {
        let text = self.text()?;
        let number = text.parse().ok().filter(|number| range.contains(number));
        let limits = || {
            format!(
                "is {text} and must be a whole number from {} to {}",
                range.start(),
                range.end()
            )
        };
        number.ok_or_else(|| self.fault(limits()))
    }

    pub(super) fn flag(&self) -> Result<bool, Problem> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(self.fault(format!("is {other} and must be true or false"))),
        }
    }

    pub(super) fn one_of(&self, allowed: &[&str]) -> Result<&str, Problem> {
        let text = self.text()?;
        match allowed.contains(&text) {
            true => Ok(text),
            false => Err(self.unsupported(format!(
                "is {text}; the local runner supports {}",
                allowed.join(", ")
            ))),
        }
    }

    pub(super) fn items(&self) -> Result<Vec<Property>, Problem> {
        let items = match &self.value.kind {
            Kind::List(items) => items,
            Kind::Unknown(unknown) => return Err(self.of(needed(self.place, unknown))),
            _ => return Err(self.fault("must be a list")),
        };
        let item = |(index, value): (usize, &Value)| Property {
            key: index.to_string(),
            path: format!("{}[{index}]", self.path),
            place: value.place,
            value: value.clone(),
        };
        Ok(items.iter().enumerate().map(item).collect())
    }

    pub(super) fn fields(&self) -> Result<Properties, Problem> {
        let fields = match &self.value.kind {
            Kind::Map(fields) => fields,
            Kind::Unknown(unknown) => return Err(self.of(needed(self.place, unknown))),
            _ => return Err(self.fault("must be a map")),
        };
        Ok(Properties {
            prefix: format!("{}.", self.path),
            place: self.place,
            fields: fields.clone(),
        })
    }

    /// The map that the property does not have under a key: it has no fields.
    pub(super) fn without(&self, key: &str) -> Properties {
        Properties {
            prefix: format!("{}.{key}.", self.path),
            place: self.place,
            fields: Vec::new(),
        }
    }

    /// A JSON property: written out as a map, or as a text that holds JSON.
    pub(super) fn json(&self) -> Result<Json, Problem> {
        match &self.value.kind {
            Kind::Text { .. } => {
                let text = self.text()?;
                serde_json::from_str(text)
                    .map_err(|error| self.fault(format!("is not JSON: {error}: {text}")))
            }
            Kind::Json { value, .. } => self.known(value.to_json()),
            _ => self.known(self.value.to_json()),
        }
    }

    /// A property as DynamoDB's requests have it: everything is a text.
    pub(super) fn json_of_texts(&self) -> Result<Json, Problem> {
        self.known(self.value.to_json_of_texts())
    }

    fn known<T>(&self, value: Result<T, Unknown>) -> Result<T, Problem> {
        value.map_err(|unknown| self.of(needed(self.place, &unknown)))
    }

    fn of(&self, problem: Problem) -> Problem {
        problem.of(Part::Property, &self.path)
    }
}
