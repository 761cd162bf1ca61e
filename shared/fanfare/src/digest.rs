//! What tells two contents of one event id apart.

use fanfare_event::Envelope;
use sha2::{Digest, Sha256};

/// The first half of the SHA-256 of an event's type, schema version and payload, in hexadecimal. White
/// space between JSON's tokens does not count, so that a payload that was only formatted anew is the same.
pub(crate) fn of(envelope: &Envelope) -> String {
    let mut hash = Sha256::new();
    hash.update(envelope.event_type.as_bytes());
    hash.update([0]);
    hash.update(envelope.schema_version.to_be_bytes());
    let json = envelope.payload.get().as_bytes();
    let (mut start, mut in_text, mut escaped) = (0, false, false);
    for (n, byte) in json.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b' ' | b'\t' | b'\r' | b'\n' if !in_text => {
                hash.update(json.get(start..n).unwrap_or_default());
                start = n + 1;
            }
            _ => {}
        }
    }
    hash.update(json.get(start..).unwrap_or_default());
    let half = hash.finalize().into_iter().take(16);
    half.fold(String::with_capacity(32), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(nibble.into(), 16));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(payload: &str) -> String {
        let json = format!(
            r#"{{"eventType":"T","eventId":"e","timestamp":"2024-01-15T10:30:00Z","payload":{payload}}}"#
        );
        of(&Envelope::from_json(&json).expect("an envelope"))
    }

    #[test]
    fn only_what_the_payload_says_counts() {
        let plain = digest(r#"{"a":"x \" y","b":[1,2]}"#);
        assert_eq!(plain.len(), 32);
        assert_eq!(digest("{ \"a\" : \"x \\\" y\",\n\t\"b\": [1, 2] }"), plain);
        assert_ne!(digest(r#"{"a":"x \"y","b":[1,2]}"#), plain);
        assert_ne!(digest(r#"{"a":"x \" y","b":[1,3]}"#), plain);
    }
}
