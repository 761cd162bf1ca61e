//! Golden files: every event as it was published. None may ever be changed or taken away, for the event store
//! holds such events for good; a new schema version adds a file.

use event_schema::StoreEvent;
use fanfare_event::{Envelope, Event};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Every golden file: its name, such as `OrderPlaced.v1`, and its text.
fn published() -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/published");
    let files = fs::read_dir(directory).expect("the golden files");
    let file = |file: std::io::Result<fs::DirEntry>| {
        let path = file.expect("a golden file").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("a readable file"))
    };
    files.map(file).collect()
}

#[test]
fn every_event_that_was_ever_published_can_be_read() {
    for (name, json) in published() {
        let envelope = Envelope::from_json(&json).expect(&name);
        assert_eq!(format!("{}.v{}", envelope.event_type, envelope.schema_version), name);
        Event::<StoreEvent>::from_envelope(&envelope).expect(&name);
    }
}

#[test]
fn every_type_in_the_catalogue_has_a_golden_file_of_its_newest_version() {
    let published: BTreeSet<_> = published().into_iter().map(|(name, _)| name).collect();
    for event_type in StoreEvent::TYPES {
        // All of them are at version 1 so far.
        assert!(published.contains(&format!("{event_type}.v1")), "{event_type} has no golden file");
    }
}

#[test]
fn what_is_written_today_is_what_was_published() {
    for (name, json) in published() {
        let envelope = Envelope::from_json(&json).expect(&name);
        let event = Event::<StoreEvent>::from_envelope(&envelope).expect(&name);
        let written: Value = serde_json::from_str(&envelope.to_json().expect(&name)).expect(&name);
        let golden: Value = serde_json::from_str(&json).expect(&name);
        assert_eq!(written, golden, "{name}");
        assert_eq!(event.payload.to_json().expect(&name), golden["payload"], "{name}");
    }
}
