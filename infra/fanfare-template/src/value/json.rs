//! Values as JSON, and as the text of it.

use super::{Kind, Piece, Text, Unknown, Value};
use serde_json::Value as Json;

impl Value {
    /// The value as JSON, in which an unquoted `5` is a number and an unquoted `true` a boolean.
    ///
    /// # Errors
    /// What is unknown in it.
    pub fn to_json(&self) -> Result<Json, Unknown> {
        self.json(plain_json)
    }

    /// The value as JSON in which everything is a text, as most properties are.
    ///
    /// # Errors
    /// What is unknown in it.
    pub fn to_json_of_texts(&self) -> Result<Json, Unknown> {
        self.json(|text| text.into())
    }

    fn json(&self, plain_to_json: fn(&str) -> Json) -> Result<Json, Unknown> {
        let text = |text: &Text, to_json: fn(&str) -> Json| match text.as_known() {
            Some(known) => Ok(to_json(known)),
            None => Err(text.why_unknown().unwrap_or_else(Unknown::fault)),
        };
        match &self.kind {
            Kind::Null => Ok(Json::Null),
            Kind::Text { text: known, plain: true } => text(known, plain_to_json),
            Kind::Text { text: known, plain: false } | Kind::Json { text: known, .. } => {
                text(known, |known| known.into())
            }
            Kind::List(items) => items.iter().map(|item| item.json(plain_to_json)).collect(),
            Kind::Map(fields) => {
                let field = |field: &super::Field| {
                    Ok((field.key.clone(), field.value.json(plain_to_json)?))
                };
                fields.iter().map(field).collect()
            }
            Kind::Unknown(unknown) => Err(unknown.clone()),
        }
    }

    /// The text of the value's JSON, as `Fn::ToJsonString` gives it.
    pub(crate) fn to_json_text(&self) -> Text {
        let mut text = Text::default();
        self.write_json(&mut text);
        text
    }

    fn write_json(&self, out: &mut Text) {
        match &self.kind {
            Kind::Null => out.push(Piece::Known("null".to_owned())),
            Kind::Text { text, plain } => write_text(text, *plain, out),
            Kind::Json { text, .. } => write_text(text, false, out),
            Kind::List(items) => {
                write_all(out, ['[', ']'], items, |item, out| item.write_json(out))
            }
            Kind::Map(fields) => write_all(out, ['{', '}'], fields, |field, out| {
                out.push(Piece::Known(format!("{}:", Json::from(field.key.as_str()))));
                field.value.write_json(out);
            }),
            Kind::Unknown(unknown) => out.push(Piece::Unknown(unknown.clone())),
        }
    }
}

fn write_all<T>(out: &mut Text, [open, close]: [char; 2], all: &[T], write: fn(&T, &mut Text)) {
    out.push(Piece::Known(open.to_string()));
    for (index, one) in all.iter().enumerate() {
        if index > 0 {
            out.push(Piece::Known(",".to_owned()));
        }
        write(one, out);
    }
    out.push(Piece::Known(close.to_string()));
}

fn write_text(text: &Text, plain: bool, out: &mut Text) {
    if let (true, Some(known)) = (plain, text.as_known()) {
        return out.push(Piece::Known(plain_json(known).to_string()));
    }
    out.push(Piece::Known("\"".to_owned()));
    for piece in text.pieces() {
        out.push(match piece {
            Piece::Known(known) => Piece::Known(escaped(known)),
            other => other.clone(),
        });
    }
    out.push(Piece::Known("\"".to_owned()));
}

/// What stands between the quotes of the text's JSON.
fn escaped(text: &str) -> String {
    let quoted = Json::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// JSON's own numbers and booleans; anything else that YAML might take for one stays text.
fn plain_json(text: &str) -> Json {
    match serde_json::from_str(text) {
        Ok(value @ (Json::Bool(_) | Json::Number(_))) => value,
        _ => Json::String(text.to_owned()),
    }
}
