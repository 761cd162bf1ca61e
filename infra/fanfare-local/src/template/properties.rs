//! Reading resolved properties: each is taken once, and what is left at the end is not supported.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde_json::Value as Json;

use super::error::Fault;
use super::yaml::{Entry, Node, Value};

/// A map of properties that have not been taken yet.
pub(super) struct Properties {
    /// Where the map is in its resource, such as `Events.Orders.`; empty at the top.
    prefix: String,
    line: usize,
    entries: Vec<Entry>,
}

/// One property that was taken.
pub(super) struct Property {
    pub(super) key: String,
    path: String,
    pub(super) line: usize,
    pub(super) node: Node,
}

impl Properties {
    pub(super) fn new(line: usize, entries: Vec<Entry>) -> Self {
        Self { prefix: String::new(), line, entries }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Property> {
        let index = self.entries.iter().position(|entry| entry.key == name)?;
        let Entry { key, line, value } = self.entries.remove(index);
        Some(Property { path: format!("{}{key}", self.prefix), key, line, node: value })
    }

    /// The line of a property that is left to be taken, or of what holds it.
    pub(super) fn line_of(&self, name: &str) -> usize {
        self.entries.iter().find(|entry| entry.key == name).map_or(self.line, |entry| entry.line)
    }

    pub(super) fn require(&mut self, name: &str) -> Result<Property, Fault> {
        let path = format!("{}{name}", self.prefix);
        self.take(name).ok_or_else(|| Fault::new(self.line, "is missing").of("property", &path))
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Fault> {
        self.take(name).map(|property| property.text().map(str::to_owned)).transpose()
    }

    pub(super) fn number<T>(
        &mut self,
        name: &str,
        range: RangeInclusive<T>,
    ) -> Result<Option<T>, Fault>
    where
        T: FromStr + PartialOrd + Display,
    {
        self.take(name).map(|property| property.number(range)).transpose()
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Fault> {
        self.take(name).map(|property| property.flag()).transpose()
    }

    /// Drops properties that make no difference to the runner.
    pub(super) fn ignore(&mut self, names: &[&str]) {
        self.entries.retain(|entry| !names.contains(&entry.key.as_str()));
    }

    /// The remaining entries, for maps whose keys are the template's own.
    pub(super) fn rest(mut self) -> Vec<Property> {
        let names: Vec<String> = self.entries.iter().map(|entry| entry.key.clone()).collect();
        names.iter().filter_map(|name| self.take(name)).collect()
    }

    pub(super) fn finish(mut self) -> Result<(), Fault> {
        match self.entries.first().map(|entry| entry.key.clone()).and_then(|name| self.take(&name))
        {
            Some(property) => Err(property.fault("is not supported by the local runner")),
            None => Ok(()),
        }
    }
}

impl Property {
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.line, message).of("property", &self.path)
    }

    pub(super) fn text(&self) -> Result<&str, Fault> {
        self.node.as_text().ok_or_else(|| self.fault("must be a text"))
    }

    pub(super) fn number<T>(&self, range: RangeInclusive<T>) -> Result<T, Fault>
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

    pub(super) fn flag(&self) -> Result<bool, Fault> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(self.fault(format!("is {other} and must be true or false"))),
        }
    }

    pub(super) fn one_of(&self, allowed: &[&str]) -> Result<&str, Fault> {
        let text = self.text()?;
        match allowed.contains(&text) {
            true => Ok(text),
            false => {
                Err(self
                    .fault(format!("is {text}; the local runner supports {}", allowed.join(", "))))
            }
        }
    }

    pub(super) fn items(&self) -> Result<Vec<Property>, Fault> {
        let items = self.node.as_list().ok_or_else(|| self.fault("must be a list"))?;
        let item = |(index, node): (usize, &Node)| Property {
            key: index.to_string(),
            path: format!("{}[{index}]", self.path),
            line: node.line,
            node: node.clone(),
        };
        Ok(items.iter().enumerate().map(item).collect())
    }

    pub(super) fn fields(&self) -> Result<Properties, Fault> {
        let entries = self.node.as_map().ok_or_else(|| self.fault("must be a map"))?;
        Ok(Properties {
            prefix: format!("{}.", self.path),
            line: self.line,
            entries: entries.to_vec(),
        })
    }

    /// A JSON property: written out as a map, or as a text that holds JSON.
    pub(super) fn json(&self) -> Result<Json, Fault> {
        match &self.node.value {
            Value::Scalar { text, .. } => serde_json::from_str(text)
                .map_err(|error| self.fault(format!("is not JSON: {error}: {text}"))),
            _ => Ok(self.node.to_json()),
        }
    }
}
