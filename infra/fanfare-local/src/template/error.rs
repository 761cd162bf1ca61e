//! What can be wrong with a template, and where.

use std::path::PathBuf;

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
    #[error("{}:{line}: {message}", file.display())]
    Invalid {
        /// The template's path as it was given.
        file: PathBuf,
        /// The line in the template, from 1.
        line: usize,
        /// The place (such as `resource Orders: property QueueName`) and what is wrong with it.
        message: String,
    },
}

/// A [`TemplateError`] that does not know its file yet. Its message is a predicate (`is not …`,
/// `refers to …`) about the innermost place it was given by [`Fault::of`].
#[derive(Debug)]
pub(super) struct Fault {
    line: usize,
    places: Vec<String>,
    is_placed: bool,
    message: String,
}

impl Fault {
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, places: Vec::new(), is_placed: false, message: message.into() }
    }

    /// Says where the fault is, from the inside out. Whose line it is settles that: what refers to the
    /// faulty resource, condition or parameter adds nothing.
    pub(super) fn of(mut self, kind: &str, name: &str) -> Self {
        if !self.is_placed {
            self.places.insert(0, format!("{kind} {name}"));
            self.is_placed = matches!(kind, "resource" | "condition" | "output" | "parameter");
        }
        self
    }

    pub(super) fn into_error(self, file: PathBuf) -> TemplateError {
        let message = match self.places.is_empty() {
            true => self.message,
            false => format!("{} {}", self.places.join(": "), self.message),
        };
        TemplateError::Invalid { file, line: self.line, message }
    }
}
