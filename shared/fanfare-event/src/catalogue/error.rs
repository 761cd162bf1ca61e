//! Why a catalogue could not be read or written, told apart by what helps.

use crate::JsonError;
use std::io;
use std::path::PathBuf;

/// What is wrong with a catalogue. One that was read from a file is in [`File`](Self::File), which names it.
///
/// ```
/// use fanfare_event::Catalogue;
///
/// let json = r#"{ "fanfare": 1, "events": [{ "type": "OrderPlaced", "version": "one",
///                 "stream": "order-{orderId}", "correlation": "orderId" }] }"#;
/// let error = Catalogue::from_json(json).expect_err("a version is a number");
/// assert!(error.to_string().starts_with("not a catalogue of events: events[0].version: "));
/// ```
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The text is not a catalogue. Write it anew from the code that declares the events.
    #[error("not a catalogue of events: {0}")]
    Malformed(JsonError),
    /// The file was written by a newer build. Use that, or a newer one.
    #[error("the catalogue has format {format}; this build reads format {known}: use a newer one")]
    NewerFormat {
        /// The format that it says it has.
        format: u32,
        /// The newest that this build reads.
        known: u32,
    },
    /// Two declarations have the same name on the wire: one needs another.
    #[error("the event type {event_type} is there twice: give one of them another name")]
    Twice {
        /// The name.
        event_type: String,
    },
    /// The file could not be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file is not what the code declares: write it, look at the difference, and commit it.
    #[error(
        "not what the code declares (first difference: {first}): run this test with FANFARE_WRITE=1, which \
         writes the file, and commit it"
    )]
    Outdated {
        /// The first event type that differs.
        first: String,
    },
    /// What is wrong is in this file.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<CatalogueError>,
    },
}

impl CatalogueError {
    /// The same, with the file that it is about.
    pub(crate) fn in_file(self, path: impl Into<PathBuf>) -> Self {
        Self::File { path: path.into(), source: Box::new(self) }
    }
}
