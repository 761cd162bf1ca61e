//! Files that are to be written: all of them or none.

use crate::NewError;
use similar::TextDiff;
use std::fs;
use std::path::{Path, PathBuf};

/// A file as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub file: PathBuf,
    /// What is in it now; `None`: it is new.
    pub before: Option<String>,
    /// What is to be in it.
    pub after: String,
}

/// What one command writes. Nothing is written before [`Changes::apply`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    changes: Vec<Change>,
}

impl Changes {
    /// A file that must not be there yet.
    pub(crate) fn create(&mut self, file: PathBuf, after: String) {
        self.changes.push(Change { file, before: None, after });
    }

    /// A file that is there. What changes nothing is no change.
    pub(crate) fn replace(&mut self, file: PathBuf, before: String, after: String) {
        if before != after {
            self.changes.push(Change { file, before: Some(before), after });
        }
    }

    /// The text that a file is to have, if it is one of these.
    pub(crate) fn text_of(&self, file: &Path) -> Option<&str> {
        self.changes.iter().find(|change| change.file == file).map(|change| change.after.as_str())
    }

    /// Adds what another command would write after these. A file of both keeps what it was at first.
    pub(crate) fn then(&mut self, later: Self) {
        for change in later.changes {
            match self.changes.iter_mut().find(|earlier| earlier.file == change.file) {
                Some(earlier) => earlier.after = change.after,
                None => self.changes.push(change),
            }
        }
    }

    /// Each file.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter()
    }

    /// The same, with the files that are in a folder named from there.
    #[must_use]
    pub fn relative_to(&self, folder: &Path) -> Self {
        let named = |change: &Change| {
            let file = change.file.strip_prefix(folder).unwrap_or(&change.file).to_owned();
            Change { file, ..change.clone() }
        };
        Self { changes: self.changes.iter().map(named).collect() }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes as `git diff` would show them.
    pub fn diff(&self) -> String {
        let diff = |change: &Change| {
            let name = change.file.display().to_string();
            let before = change.before.as_deref().unwrap_or_default();
            let old = if change.before.is_some() { &*name } else { "/dev/null" };
            TextDiff::from_lines(before, &change.after)
                .unified_diff()
                .header(old, &name)
                .to_string()
        };
        self.changes.iter().map(diff).collect()
    }

    /// Writes every file; if one can't be written, those before it are as they were.
    ///
    /// # Errors
    /// [`NewError::Exists`] and [`NewError::File`]; [`NewError::HalfWritten`] names what could not be taken back.
    pub fn apply(&self) -> Result<(), NewError> {
        let new = self.changes.iter().filter(|change| change.before.is_none());
        if let Some(change) = new.into_iter().find(|change| change.file.exists()) {
            return Err(NewError::Exists(change.file.clone()));
        }
        for (written, change) in self.changes.iter().enumerate() {
            if let Err(error) = change.write() {
                let begun = self.changes.iter().take(written + 1);
                let left = begun.filter(|change| change.undo().is_err());
                let left: Vec<PathBuf> = left.map(|change| change.file.clone()).collect();
                return Err(match left.is_empty() {
                    true => error,
                    false => NewError::HalfWritten { left, source: Box::new(error) },
                });
            }
        }
        Ok(())
    }
}

impl Change {
    fn write(&self) -> Result<(), NewError> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).map_err(NewError::file(folder))?;
        }
        fs::write(&self.file, &self.after)
            .and_then(|()| {
                if self.after.starts_with("#!") { run_by_its_name(&self.file) } else { Ok(()) }
            })
            .map_err(NewError::file(&self.file))
    }

    fn undo(&self) -> std::io::Result<()> {
        match &self.before {
            Some(before) => fs::write(&self.file, before),
            // It may not have come to be.
            None if !self.file.exists() => Ok(()),
            None => fs::remove_file(&self.file),
        }
    }
}

/// Marks a script as one.
#[cfg(unix)]
fn run_by_its_name(script: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(script, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn run_by_its_name(_script: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_cant_be_taken_back_is_named_beside_what_failed() {
        let folder = std::env::temp_dir().join(format!("fanfare-changes-{}", std::process::id()));
        let mut changes = Changes::default();
        changes.create(folder.join("new"), "new".to_owned());
        changes.replace("/dev/full".into(), "before".to_owned(), "after".to_owned());

        let failed = changes.apply().expect_err("a device without room");

        let NewError::HalfWritten { left, source } = failed else { unreachable!("{failed}") };
        assert_eq!(left, [PathBuf::from("/dev/full")]);
        assert_eq!(source.to_string(), "/dev/full");
        assert!(!folder.join("new").exists(), "what could be taken back was");
        fs::remove_dir_all(&folder).expect("removed");
    }
}
