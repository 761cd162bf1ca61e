//! The catalogue's file: tools read it, and a test of the crate that declares the events keeps it up to date.

use super::{Catalogue, CatalogueError};
use std::path::Path;
use std::{fs, io};

/// The environment variable that makes [`Catalogue::check_file`] write instead.
const WRITE: &str = "FANFARE_WRITE";

impl Catalogue {
    /// Reads a catalogue from a file.
    ///
    /// # Errors
    /// [`CatalogueError::File`], which names the file and what is wrong with it.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, CatalogueError> {
        let path = path.as_ref();
        let read = || Self::from_json(&fs::read_to_string(path)?);
        read().map_err(|error| error.in_file(path))
    }

    /// Writes the catalogue to a file, whose folder must be there.
    ///
    /// # Errors
    /// [`CatalogueError::File`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), CatalogueError> {
        let path = path.as_ref();
        let json = self.to_json().map_err(io::Error::from);
        let written = json.and_then(|json| fs::write(path, json));
        written.map_err(|error| CatalogueError::Io(error).in_file(path))
    }

    /// Checks that a file holds this catalogue, byte for byte; with `FANFARE_WRITE=1` in the environment, writes it.
    /// For a test of the crate that declares the events:
    ///
    /// ```no_run
    /// # #[fanfare_event::catalogue(HouseEvent)]
    /// # pub mod events {
    /// #     /// A window was opened.
    /// #     #[event(stream = "window-{window}", correlation = window)]
    /// #     pub struct WindowOpened {
    /// #         /// Which.
    /// #         pub window: String,
    /// #     }
    /// # }
    /// # use events::HouseEvent;
    /// #[test]
    /// fn the_catalogue_file_is_what_the_code_declares() -> Result<(), fanfare_event::CatalogueError> {
    ///     HouseEvent::catalogue().check_file(concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue.json"))
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// [`CatalogueError::File`] with [`Outdated`](CatalogueError::Outdated) when it holds another one, which says how
    /// to write it; or when it can't be read or written.
    pub fn check_file(&self, path: impl AsRef<Path>) -> Result<(), CatalogueError> {
        let path = path.as_ref();
        if std::env::var_os(WRITE).is_some_and(|value| value == "1") {
            return self.write(path);
        }
        self.check(path).map_err(|error| error.in_file(path))
    }

    fn check(&self, path: &Path) -> Result<(), CatalogueError> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            text => text?,
        };
        if text == self.to_json().map_err(io::Error::from)? {
            return Ok(());
        }
        let there = Self::from_json(&text).unwrap_or_default();
        Err(CatalogueError::Outdated { first: self.first_difference(&there) })
    }

    /// The first event type that the two tell differently, or `the form of the file`.
    fn first_difference(&self, other: &Self) -> String {
        let length = self.events.len().max(other.events.len());
        let differing = (0..length)
            .map(|n| (self.events.get(n), other.events.get(n)))
            .find(|(here, there)| here != there);
        let named = differing.and_then(|(here, there)| here.or(there));
        named.map_or("the form of the file".to_owned(), |event| event.event_type.to_string())
    }
}
