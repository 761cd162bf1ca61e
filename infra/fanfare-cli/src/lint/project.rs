//! What the code of a Fanfare project says: which events there are, and which crates consume them.

use event_schema::StoreEvent;
use fanfare_lint::Project;
use std::io;
use std::path::{Path, PathBuf};

/// Whether a folder is the root of a Fanfare project.
pub(super) fn is_at(folder: &Path) -> bool {
    folder.join("functions").is_dir() && folder.join("shared/event-schema").is_dir()
}

/// The project that a template is the description of: one whose root or `infra` folder it lies in.
pub(super) fn around(template: &Path) -> Option<PathBuf> {
    let template = std::path::absolute(template).ok()?;
    let folder = template.parent()?;
    let root = match folder.file_name() {
        Some(name) if name == "infra" => folder.parent()?,
        _ => folder,
    };
    is_at(root).then(|| root.to_owned())
}

/// Reads a project.
///
/// # Errors
/// A folder, a manifest or a source file that cannot be read.
pub(super) fn read(root: &Path) -> io::Result<Project> {
    let mut consumers = Vec::new();
    for entry in std::fs::read_dir(root.join("functions"))? {
        let folder = entry?.path();
        let manifest = folder.join("Cargo.toml");
        if !manifest.is_file() {
            continue;
        }
        // A crate may take the runtime for its ledger alone: only one that makes a consumer is one.
        if let Some(name) = depends_on_runtime(&std::fs::read_to_string(manifest)?)
            && has_consumer(&folder.join("src"))?
        {
            consumers.push(name);
        }
    }
    consumers.sort();
    let event_types = StoreEvent::TYPES.map(str::to_owned).to_vec();
    Ok(Project { event_types, consumers })
}

/// Whether a source file below makes a consumer, by `Consumer::new` or one of its like.
fn has_consumer(folder: &Path) -> io::Result<bool> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let found = match path.extension() {
            _ if path.is_dir() => has_consumer(&path)?,
            Some(ending) if ending == "rs" => {
                std::fs::read_to_string(&path)?.contains("Consumer::")
            }
            _ => false,
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The crate's name, if it depends on the consumer runtime.
fn depends_on_runtime(manifest: &str) -> Option<String> {
    let mut section = "";
    let mut name = None;
    let mut is_consumer = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
            is_consumer |= line == "[dependencies.consumer]";
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        match (section, key.trim()) {
            ("[package]", "name") => name = Some(value.trim().trim_matches('"').to_owned()),
            ("[dependencies]", key) => is_consumer |= key.split('.').next() == Some("consumer"),
            _ => {}
        }
    }
    name.filter(|_| is_consumer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_depends_on_the_runtime_is_found_however_it_says_so() {
        let named = |dependency: &str| {
            depends_on_runtime(&format!("[package]\nname = \"email\"\n{dependency}\n"))
        };

        assert_eq!(named("[dependencies]\nconsumer.workspace = true"), Some("email".into()));
        assert_eq!(named("[dependencies]\nconsumer = { version = \"1\" }"), Some("email".into()));
        assert_eq!(named("[dependencies.consumer]\nversion = \"1\""), Some("email".into()));
        assert_eq!(named("[dependencies]\nconsumers = \"1\""), None);
        assert_eq!(named("[dev-dependencies]\nconsumer = \"1\""), None);
    }
}
