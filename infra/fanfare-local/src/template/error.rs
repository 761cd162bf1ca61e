//! Why a template can't be run.

use std::path::PathBuf;

use super::fault::Faults;

/// Why a template can't be run.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file can't be read.
    #[error("cannot read the template {}", path.display())]
    Unreadable {
        /// The template's path as it was given.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The template, or a parameter given for it, is wrong or asks for what the runner can't do.
    #[error("{0}")]
    Invalid(Faults),
}
