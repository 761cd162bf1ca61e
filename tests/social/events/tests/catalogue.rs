//! The catalogue's file, which tools read, is what the code declares.

use fanfare::CatalogueError;
use social_events::SocialEvent;

#[test]
fn the_catalogue_file_is_what_the_code_declares() -> Result<(), CatalogueError> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue.json");
    SocialEvent::catalogue().check_file(file)
}
