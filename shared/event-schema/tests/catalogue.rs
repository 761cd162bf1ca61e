//! The catalogue's file, which the command and the lint read, is what the code declares.

use event_schema::StoreEvent;
use fanfare_event::CatalogueError;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/catalogue.json");

#[test]
fn the_catalogue_file_is_what_the_code_declares() -> Result<(), CatalogueError> {
    StoreEvent::catalogue().check_file(FILE)
}

#[test]
fn every_event_says_in_its_documentation_what_has_happened() {
    for event in StoreEvent::EVENTS {
        assert!(!event.summary.is_empty(), "{} has no documentation", event.event_type);
    }
}
