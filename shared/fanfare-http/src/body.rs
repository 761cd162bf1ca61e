//! Bodies: JSON that is read as what a call asks for, and what is said when it is not that.

use crate::Problem;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// Reads JSON as a `T`.
///
/// # Errors
/// 400, naming the field.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::invalid("body", "must be JSON, and is empty"));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, words) = (error.path().to_string(), error.inner().to_string());
        let last = error.path().iter().next_back().map(ToString::to_string).unwrap_or_default();
        // The name of a field that nobody knows is the caller's own: only what it is in is named.
        let field = match words.starts_with("unknown field") {
            true => path.strip_suffix(&last).unwrap_or_default(),
            false => &path,
        };
        // "?" is what the path ends in where the place is not known.
        let field = field.trim_matches(['.', '?']);
        let detail = match error.inner().classify() {
            Category::Data => plain(&words),
            Category::Eof => "must be JSON, and ends before it is complete".to_owned(),
            Category::Syntax | Category::Io => not_json(error.inner()),
        };
        Problem::invalid(if field.is_empty() { "body" } else { field }, detail)
    })?;
    json.end().map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let detail =
            format!("must be one JSON value: something follows it at line {line}, column {column}");
        Problem::invalid("body", detail)
    })?;
    Ok(value)
}

/// Where JSON ends to be JSON. What the parser expected there is said in words of its own trade, and left out.
fn not_json(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    format!(
        "must be JSON, and is none at line {line}, column {column}: look at the quotes, commas and brackets there"
    )
}

/// What serde says of JSON that is not what was asked for, as one would say it to somebody who does not know the program.
fn plain(words: &str) -> String {
    let what = words.rsplit_once(" at line ").map_or(words, |(what, _)| what);
    let found = ["invalid type: ", "invalid value: "]
        .iter()
        .find_map(|prefix| what.strip_prefix(prefix)?.rsplit_once(", expected "));
    if let Some((found, expected)) = found {
        return format!("must be {}, not {}", plain_kind(expected), plain_found(found));
    }
    // serde takes a list for an object, as long as it has all the fields.
    if let Some((_, expected)) =
        what.strip_prefix("invalid length ").and_then(|w| w.split_once(", expected "))
    {
        return format!("must be {}, not a list", plain_kind(expected));
    }
    if let Some(field) = what.strip_prefix("missing field ") {
        return format!("lacks the field {field}: send it too");
    }
    if let Some(field) = what.strip_prefix("duplicate field ") {
        return format!("has the field {field} twice: send it once");
    }
    if let Some((unknown, known)) = what.split_once(", expected ") {
        return format!("{unknown}: send {} alone", known.trim_start_matches("one of "));
    }
    // The words of a type of the program's own, such as an identifier's.
    what.to_owned()
}

fn plain_kind(expected: &str) -> String {
    match expected {
        "u8" => format!("a whole number from 0 to {}", u8::MAX),
        "u16" => format!("a whole number from 0 to {}", u16::MAX),
        "u32" => format!("a whole number from 0 to {}", u32::MAX),
        "u64" | "usize" => "a whole number from 0".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a string" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        kind if kind.starts_with("struct ") => "an object".to_owned(),
        kind => kind.to_owned(),
    }
}

fn plain_found(found: &str) -> String {
    for (theirs, ours) in [
        ("string ", "the text "),
        ("integer ", ""),
        ("floating point ", ""),
        ("boolean ", ""),
        ("sequence", "a list"),
        ("map", "an object"),
        ("null", "null"),
    ] {
        if let Some(rest) = found.strip_prefix(theirs) {
            return format!("{ours}{}", rest.replace('`', ""));
        }
    }
    found.to_owned()
}
