//! A JSON text whose values are hidden: which of them are personal, nobody has said.

use serde_json::Value;

/// What stands in the place of a value.
const HIDDEN: &str = "•••";

/// The names of members that say what an event is, and nothing of what it tells.
const ENVELOPE: [&str; 11] = [
    "eventType",
    "eventId",
    "timestamp",
    "schemaVersion",
    "stream",
    "version",
    "correlationId",
    "causationId",
    "traceparent",
    "source",
    "tenant",
];

/// A payload, indented, with every value hidden but `null` and what it is about, which whoever asked knows.
pub(crate) fn payload(json: &str, about: &str) -> String {
    match serde_json::from_str::<Value>(json) {
        Ok(value) => indented(&masked(value, &|_, value| value.as_str() == Some(about))),
        Err(_) => hidden_text(json),
    }
}

/// A message's body: what says what event it is stays, its payload is hidden, and so is what is no event.
pub(crate) fn body(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => indented(&masked(value, &|name, _| ENVELOPE.contains(&name))),
        Err(_) => hidden_text(text),
    }
}

/// A text, indented if it is JSON.
pub(crate) fn shown(text: &str) -> String {
    serde_json::from_str::<Value>(text).map_or_else(|_| text.to_owned(), |value| indented(&value))
}

fn hidden_text(text: &str) -> String {
    format!("{HIDDEN} ({} bytes that are no JSON)", text.len())
}

fn indented(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|error| error.to_string())
}

fn masked(value: Value, is_known: &dyn Fn(&str, &Value) -> bool) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    match !value.is_object() && !value.is_array() && is_known(&name, &value) {
                        true => (name, value),
                        // A name is known where it was declared, and not in whatever an event tells by the same name.
                        false => (name, masked(value, &|_, _| false)),
                    }
                })
                .collect(),
        ),
        Value::Array(values) => {
            Value::Array(values.into_iter().map(|value| masked(value, &|_, _| false)).collect())
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Value::String(HIDDEN.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_payload_is_seen_and_no_value_but_those_that_say_what_it_is_about() {
        let json = r#"{"room":"attic","celsius":3,"by":{"room":"Ada"},"list":["a"],"none":null}"#;
        let seen = payload(json, "attic");
        assert!(seen.contains(r#""room": "attic""#), "{seen}");
        assert!(!seen.contains("Ada") && !seen.contains('3') && !seen.contains("\"a\""), "{seen}");
        assert!(seen.contains("\"celsius\": \"•••\"") && seen.contains("\"none\": null"), "{seen}");
    }

    #[test]
    fn a_body_shows_which_event_it_is() {
        let seen = body(r#"{"eventId":"evt_1","payload":{"eventId":"secret"}}"#);
        assert!(seen.contains("evt_1") && !seen.contains("secret"), "{seen}");
        assert_eq!(body("Ada Lovelace"), "••• (12 bytes that are no JSON)");
    }
}
