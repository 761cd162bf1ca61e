//! Times as they are typed.

use fanfare_event::Timestamp;

/// Reads a time as of RFC 3339.
pub(crate) fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "expected a time such as 2024-01-15T10:30:00Z".to_owned())
}
