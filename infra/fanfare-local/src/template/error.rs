//! What can be wrong with a template, and where.

use std::fmt;
use std::path::{Path, PathBuf};

use fanfare_template::Problem;

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
    #[error("{}", Listed { file, problems })]
    Invalid {
        /// The template's path as it was given.
        file: PathBuf,
        /// All that was found, by place; at least one.
        problems: Vec<Problem>,
    },
}

/// Problems, a line each.
struct Listed<'p> {
    file: &'p Path,
    problems: &'p [Problem],
}

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{}:{}: {problem}", self.file.display(), problem.place.line)?;
        }
        Ok(())
    }
}
