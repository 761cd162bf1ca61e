//! The editor that the environment names.

use crate::terminal::harmless;
use fanfare_bootstrap::Environment;
use fanfare_operate::Editor;
use std::io::{Error, Write};
use std::process::Command;

/// Opens texts in `$VISUAL`, `$EDITOR` or vi.
pub(super) struct CommandEditor {
    command: String,
}

impl CommandEditor {
    pub(super) fn from_environment() -> Self {
        let environment = Environment::of_process();
        let named = environment.optional("VISUAL").or(environment.optional("EDITOR"));
        Self { command: named.unwrap_or("vi").to_owned() }
    }
}

impl Editor for CommandEditor {
    fn edit(&self, text: &str, problem: Option<&str>) -> std::io::Result<String> {
        if let Some(problem) = problem {
            anstream::eprintln!("that can't be sent: {}", harmless(problem));
        }
        // Readable by its owner alone: dead letters may hold personal data.
        let mut file =
            tempfile::Builder::new().prefix("fanfare-letter-").suffix(".json").tempfile()?;
        file.write_all(text.as_bytes())?;
        file.flush()?;
        // By the shell, since the variable may hold arguments too.
        let script = format!("{} \"$1\"", self.command);
        let status =
            Command::new("sh").args(["-c", &script, "fanfare"]).arg(file.path()).status()?;
        if !status.success() {
            return Err(Error::other(format!("{:?} ended with {status}", self.command)));
        }
        // Read anew: an editor may have put another file in its place.
        std::fs::read_to_string(file.path())
    }
}
