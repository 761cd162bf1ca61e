//! Errors name fields and never what is in them.

use crate::corpus::{Sample, samples};
use bolero::TypeGenerator;
use event_schema::StoreEvent;
use fanfare::testing::from_body;
use fanfare::{Event, SchemaError};
use fanfare_bootstrap::ErrorChain;
use serde_json::{Value, json};

/// Part of every secret, and of no sample.
pub(crate) const MARKS: [&str; 2] = ["Lovelace", "41111111"];

/// A valid body in which one value is replaced by something that nobody may read.
#[derive(Debug, Clone, TypeGenerator)]
pub(crate) struct Secret {
    sample: u16,
    value: u16,
    secret: u8,
}

#[test]
fn an_error_never_quotes_a_value() {
    let bodies = valid_bodies();
    bolero::check!().with_type::<Secret>().for_each(|secret| {
        let body = secret.body(&bodies).to_string();
        let read =
            from_body(&body).and_then(|envelope| Event::<StoreEvent>::from_envelope(&envelope));
        if let Err(error) = read {
            keeps_quiet(&error);
        }
    });
}

fn keeps_quiet(error: &SchemaError) {
    let words = ErrorChain(error).to_string();
    assert!(!MARKS.iter().any(|mark| words.contains(mark)), "{words}");
}

/// The samples that are JSON objects.
pub(crate) fn valid_bodies() -> Vec<Value> {
    let read = |sample: Sample| serde_json::from_slice::<Value>(&sample.bytes).ok();
    let bodies: Vec<_> =
        samples("envelopes").into_iter().filter_map(read).filter(Value::is_object).collect();
    assert!(!bodies.is_empty());
    bodies
}

impl Secret {
    /// The body with the secret in it.
    pub(crate) fn body(&self, bodies: &[Value]) -> Value {
        let mut body = bodies[usize::from(self.sample) % bodies.len()].clone();
        let mut places = Vec::new();
        list(&body, String::new(), &mut places);
        let place = &places[usize::from(self.value) % places.len()];
        let value = body.pointer_mut(place).expect("a value that is there");
        *value = self.secret();
        body
    }

    fn secret(&self) -> Value {
        let secrets = [
            json!("Ada Lovelace"),
            json!("\"Ada\" Lovelace \"Byron\""),
            json!("`, expected Ada Lovelace"),
            json!("missing field `Ada Lovelace`"),
            json!("Lovelace\u{0}\n\\ \u{1f600}"),
            json!("2024-01-15T10:30:00Z Lovelace"),
            json!("2024-01-15T10:30:00[Lovelace]"),
            json!(4_111_111_111_111_111_u64),
            json!(-4_111_111_111_111_111_i64),
            json!(4_111_111_111.5),
            json!(["Ada Lovelace"]),
            json!({"orderId": "Ada Lovelace", "4111111111": "Lovelace"}),
        ];
        secrets[usize::from(self.secret) % secrets.len()].clone()
    }
}

/// The places of all values in `value`, itself included, as JSON pointers.
fn list(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| list(value, format!("{place}/{name}"), places));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, v)| list(v, format!("{place}/{n}"), places));
        }
        _ => {}
    }
    places.push(place);
}
