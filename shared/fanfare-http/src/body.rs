//! Bodies: JSON that is read as what a call asks for, and what is said when it is not that.

use crate::Problem;
use serde::de::DeserializeOwned;

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
        let field = field.trim_matches('.');
        let detail = match error.inner().is_data() {
            true => plain(&words),
            false => format!("must be JSON: {words}"),
        };
        Problem::invalid(if field.is_empty() { "body" } else { field }, detail)
    })?;
    json.end().map_err(|error| Problem::invalid("body", format!("must be JSON: {error}")))?;
    Ok(value)
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
        return format!("lacks the field {field}");
    }
    if let Some((unknown, known)) = what.split_once(", expected ") {
        return format!("{unknown}; known: {}", known.trim_start_matches("one of "));
    }
    // The words of a type of the program's own, such as an identifier's.
    what.to_owned()
}

fn plain_kind(expected: &str) -> String {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0".to_owned(),
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
