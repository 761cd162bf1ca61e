//! The catalogue's file, which the command and the lint read, is what the code declares.

use fanfare::CatalogueError;
use greenhouse_events::GreenhouseEvent;

#[test]
fn the_catalogue_file_is_what_the_code_declares() -> Result<(), CatalogueError> {
    GreenhouseEvent::catalogue().check_file(concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue.json"))
}
