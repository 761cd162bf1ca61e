//! The keys, and the addresses for programs.

use crate::view::{Section, View};
use askama::Template;
use serde::Serialize;

#[derive(Template, Serialize)]
#[template(path = "help.html")]
pub(crate) struct Help;

impl View for Help {
    const SECTION: Section = Section::Apart;

    fn title(&self) -> String {
        "Help".to_owned()
    }
}
