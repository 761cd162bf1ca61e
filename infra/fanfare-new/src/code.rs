//! The code of a consumer: its manifest, `main`, handler and test, formatted as `rustfmt` would.

use crate::declared::DeclaredEvent;
use crate::rustfmt::formatted;
use crate::{CrateName, Field, NewError, TableKey, sample};
use askama::Template;

/// What the code is about.
pub(crate) struct Code<'a> {
    pub(crate) name: &'a CrateName,
    /// The function that makes the consumer, and the crate as code names it.
    pub(crate) function: &'a str,
    pub(crate) events_crate: &'a str,
    pub(crate) on: &'a DeclaredEvent,
    pub(crate) emits: Option<&'a DeclaredEvent>,
    pub(crate) table: Option<&'a TableKey>,
}

#[derive(Template)]
#[template(path = "consumer/Cargo.toml.txt", escape = "none")]
struct Manifest<'a> {
    code: &'a Code<'a>,
}

#[derive(Template)]
#[template(path = "consumer/main.rs.txt", escape = "none")]
struct Main<'a> {
    code: &'a Code<'a>,
}

#[derive(Template)]
#[template(path = "consumer/lib.rs.txt", escape = "none")]
struct Handler<'a> {
    code: &'a Code<'a>,
}

#[derive(Template)]
#[template(path = "consumer/tests.rs.txt", escape = "none")]
struct Tests<'a> {
    code: &'a Code<'a>,
}

impl Code<'_> {
    pub(crate) fn manifest(&self) -> Result<String, NewError> {
        Ok(Manifest { code: self }.render()? + "\n")
    }

    pub(crate) fn main(&self) -> Result<String, NewError> {
        Ok(formatted(Main { code: self }.render()?))
    }

    pub(crate) fn handler(&self) -> Result<String, NewError> {
        Ok(formatted(Handler { code: self }.render()?))
    }

    pub(crate) fn tests(&self) -> Result<String, NewError> {
        Ok(formatted(Tests { code: self }.render()?))
    }

    /// The crate of events, as code names it.
    fn events(&self) -> String {
        self.events_crate.replace('-', "_")
    }

    /// What the code takes from the crate of events.
    fn imports(&self) -> String {
        match self.emits {
            Some(emits) if emits.name != self.on.name => {
                format!("{{{}, {}}}", emits.name, self.on.name)
            }
            _ => self.on.name.clone(),
        }
    }

    /// What the handler says that it did.
    fn did(&self) -> &'static str {
        match (self.table, self.emits) {
            (Some(_), _) => "kept",
            (None, Some(_)) => "announced",
            (None, None) => "heard",
        }
    }

    /// The fields of the event that is announced: those that the event heard has too, and the others' defaults.
    fn announced(&self) -> String {
        let field = |field: &Field| {
            let name = &field.name;
            match self.on.fields.contains(field) {
                true if field.is_copy() => format!("{name}: heard.{name}"),
                true => format!("{name}: heard.{name}.clone()"),
                false => format!("{name}: Default::default()"),
            }
        };
        listed(self.emits.iter().flat_map(|event| &event.fields).map(field))
    }

    /// The same fields when the sample was heard.
    fn expected(&self) -> String {
        let field = |field: &Field| match self.on.fields.contains(field) {
            true => sampled(field),
            false => format!("{}: Default::default()", field.name),
        };
        listed(self.emits.iter().flat_map(|event| &event.fields).map(field))
    }

    /// The fields of the sample.
    fn sample(&self) -> String {
        listed(self.on.fields.iter().map(sampled))
    }

    /// What is kept of an event, as members of JSON.
    fn kept(&self) -> String {
        let member = |field: &Field| format!("{:?}: heard.{}", field.wire_name(), field.name);
        listed(self.kept_fields().map(member).chain(["\"at\": at".to_owned()]))
    }

    /// What is kept of the sample.
    fn kept_of_sample(&self) -> String {
        let value = |field: &Field| field.sample().unwrap_or_default();
        let member = |field: &Field| format!("{:?}: {}", field.wire_name(), value(field));
        // The time of every event of the kit for tests: 15 January 2024, 10:30 UTC.
        let at = "\"at\": 1_705_314_600_000_i64".to_owned();
        listed(self.kept_fields().map(member).chain([at]))
    }

    fn kept_fields(&self) -> impl Iterator<Item = &Field> {
        let is_key = |field: &&Field| self.table.is_some_and(|table| table.key == field.name);
        self.on.fields.iter().filter(move |field| !is_key(field))
    }

    fn key_of_sample(&self) -> String {
        let key = self.table.and_then(|table| self.on.field(&table.key));
        key.map(sample::text).unwrap_or_default()
    }
}

fn sampled(field: &Field) -> String {
    let value = field.sample_code().unwrap_or_else(|| "Default::default()".to_owned());
    format!("{}: {value}", field.name)
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
