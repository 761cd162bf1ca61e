//! What may be called what.

use crate::NewError;
use heck::{ToKebabCase, ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use serde_json::{Value, json};
use std::fmt::{self, Display};
use std::str::FromStr;

/// A crate's, and so a function's or a project's, name: `climate`, `order-mails`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrateName(String);

/// The longest: with the stack's name before it and a queue's ending after it, it fits the 80 characters of SQS.
const LONGEST: usize = 40;
/// Crates that a project depends on, and so can't be called itself.
const TAKEN: [&str; 5] = ["events", "fanfare", "fanfare-relay", "serde_json", "tokio"];

impl FromStr for CrateName {
    type Err = NewError;

    fn from_str(name: &str) -> Result<Self, NewError> {
        let parts = || name.split('-');
        let of_letters = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
            && parts().all(of_letters)
            && name.len() <= LONGEST
            && !TAKEN.contains(&name)
            && is_identifier(&name.replace('-', "_"));
        if is_name {
            return Ok(Self(name.to_owned()));
        }
        Err(NewError::Name {
            what: "a project or a consumer",
            name: name.to_owned(),
            rule: "lower-case letters and digits, in parts between hyphens, at most 40 characters, and neither a word of \
                   Rust's nor a crate that the project uses",
        })
    }
}

impl Display for CrateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl CrateName {
    /// As Rust names it in code.
    pub(crate) fn snake(&self) -> String {
        self.0.to_snake_case()
    }

    /// As a template names it.
    pub(crate) fn logical_id(&self) -> String {
        self.0.to_upper_camel_case()
    }
}

/// An event's name: `TemperatureMeasured`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventName(String);

impl FromStr for EventName {
    type Err = NewError;

    fn from_str(name: &str) -> Result<Self, NewError> {
        let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric())
            && name.len() <= 60
            && is_identifier(name);
        if is_name {
            return Ok(Self(name.to_owned()));
        }
        Err(NewError::Name {
            what: "an event",
            name: name.to_owned(),
            rule: "letters and digits that begin with a capital, such as TemperatureMeasured: what happened, in the past \
                   tense",
        })
    }
}

impl Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl EventName {
    /// Its words, as a sentence: `Temperature measured.`
    pub(crate) fn sentence(&self) -> String {
        let words = self.0.to_snake_case().replace('_', " ");
        let mut letters = words.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).chain(['.']).collect()
    }

    /// The file with a sample of its payload, in the project's folder.
    pub fn sample(&self) -> String {
        format!("samples/{}.json", self.0.to_kebab_case())
    }
}

/// A field of an event: `room:String`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in the code: `room`.
    pub name: String,
    /// Its type in the code: `String`.
    pub kind: String,
}

impl FromStr for Field {
    type Err = NewError;

    fn from_str(field: &str) -> Result<Self, NewError> {
        let refused = |rule| NewError::Name { what: "a field", name: field.to_owned(), rule };
        let (name, kind) = field
            .split_once(':')
            .ok_or_else(|| refused("a name and a type, such as room:String"))?;
        let name = name.to_owned();
        if name != name.to_snake_case() || !is_identifier(&name) {
            return Err(refused(
                "lower-case words with underscores between them, and no word of Rust's",
            ));
        }
        let field = Self { name, kind: kind.trim().to_owned() };
        match field.sample() {
            Some(_) => Ok(field),
            None => Err(NewError::Type { name: field.name, kind: field.kind }),
        }
    }
}

const INTEGERS: [&str; 10] =
    ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize"];

impl Field {
    /// Its name in JSON.
    pub(crate) fn wire_name(&self) -> String {
        self.name.to_lower_camel_case()
    }

    /// Its name in words.
    pub(crate) fn words(&self) -> String {
        self.name.replace('_', " ")
    }

    /// Whether a stream may be named by it.
    pub(crate) fn is_subject(&self) -> bool {
        self.kind == "String" || INTEGERS.contains(&self.kind.as_str())
    }

    /// What streams that are named by it begin with: `room` for `room_id`.
    pub(crate) fn stream_prefix(&self) -> String {
        self.name.strip_suffix("_id").unwrap_or(&self.name).to_kebab_case()
    }

    /// A value of its type in JSON; `None` where the type is not known.
    pub(crate) fn sample(&self) -> Option<Value> {
        sample(&self.kind, &self.stream_prefix())
    }

    /// The same value in Rust.
    pub(crate) fn sample_code(&self) -> Option<String> {
        Some(match self.sample()? {
            Value::String(text) => format!("{text:?}.to_owned()"),
            Value::Null => "None".to_owned(),
            Value::Array(_) => "Vec::new()".to_owned(),
            value => value.to_string(),
        })
    }

    /// Whether a value can be used twice.
    pub(crate) fn is_copy(&self) -> bool {
        matches!(self.kind.as_str(), "bool" | "f32" | "f64")
            || INTEGERS.contains(&self.kind.as_str())
    }
}

fn sample(kind: &str, of: &str) -> Option<Value> {
    let within = |name: &str| kind.strip_prefix(name)?.strip_prefix('<')?.strip_suffix('>');
    match kind {
        "String" => Some(json!(format!("{of}-1"))),
        "bool" => Some(json!(true)),
        "f32" | "f64" => Some(json!(1.5)),
        integer if INTEGERS.contains(&integer) => Some(json!(1)),
        _ => match (within("Option"), within("Vec")) {
            (Some(inner), _) => sample(inner, of).map(|_| Value::Null),
            (_, Some(inner)) => sample(inner, of).map(|_| json!([])),
            (None, None) => None,
        },
    }
}

/// A table and its key: `rooms:room`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableKey {
    /// The table, in lower-case words: `rooms`.
    pub table: String,
    /// The field of the event that is its key.
    pub key: String,
}

impl FromStr for TableKey {
    type Err = NewError;

    fn from_str(text: &str) -> Result<Self, NewError> {
        let split = text.split_once(':');
        let is_name = |name: &str| is_identifier(name) && name == name.to_snake_case();
        match split.filter(|(table, key)| is_name(table) && is_name(key)) {
            Some((table, key)) => Ok(Self { table: table.to_owned(), key: key.to_owned() }),
            None => Err(NewError::Name {
                what: "a table",
                name: text.to_owned(),
                rule: "a table and the event's field that is its key, such as rooms:room",
            }),
        }
    }
}

impl TableKey {
    /// Its name as a constant: `ROOMS`.
    pub(crate) fn constant(&self) -> String {
        self.table.to_shouty_snake_case()
    }

    pub(crate) fn logical_id(&self) -> String {
        format!("{}Table", self.table.to_upper_camel_case())
    }
}

/// Whether Rust takes it for a name. A keyword is none.
fn is_identifier(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_rust_or_aws_would_refuse_are_refused_with_the_rule() {
        for name in
            ["", "Climate", "1st", "a--b", "-a", "a-", "async", "tokio", "ünder", &"a".repeat(41)]
        {
            assert!(name.parse::<CrateName>().is_err(), "{name}");
        }
        for name in ["", "temperature", "Temperature_Measured", "Self", "Ü"] {
            assert!(name.parse::<EventName>().is_err(), "{name}");
        }
        for field in
            ["room", "Room:String", "type:String", "room:Room", "room:Option<Room>", ":String"]
        {
            assert!(field.parse::<Field>().is_err(), "{field}");
        }
        for table in ["rooms", "Rooms:room", "rooms:", ":room"] {
            assert!(table.parse::<TableKey>().is_err(), "{table}");
        }
    }

    #[test]
    fn a_name_is_written_as_each_place_writes_it() -> Result<(), NewError> {
        let name: CrateName = "order-mails".parse()?;
        assert_eq!(
            (name.snake().as_str(), name.logical_id().as_str()),
            ("order_mails", "OrderMails")
        );
        let event: EventName = "TemperatureMeasured".parse()?;
        assert_eq!(event.sentence(), "Temperature measured.");
        let field: Field = "order_id:String".parse()?;
        assert_eq!(
            (field.wire_name().as_str(), field.stream_prefix().as_str()),
            ("orderId", "order")
        );
        Ok(())
    }
}
