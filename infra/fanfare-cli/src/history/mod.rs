//! What can be done with a stack's past: `replay`, `views rebuild`, `export`.

mod export;
mod replay;
mod views;

pub(crate) use export::{ExportArguments, export};
pub(crate) use replay::{ReplayArguments, replay};
pub(crate) use views::{ViewsArguments, views};

use fanfare_event::Timestamp;

/// Reads a time as of RFC 3339.
fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "expected a time such as 2024-01-15T10:30:00Z".to_owned())
}
