//! What the code of a project says: which of its programs consume events.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use toml::Table;

/// Folders that hold no functions: what is built, what is fetched, and code that tries the rest out.
const SKIPPED: [&str; 6] = ["target", "node_modules", "vendor", "tests", "benches", "examples"];

/// Whether a folder is the root of a cargo project.
pub(super) fn is_at(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file()
}

/// The project that a template describes: the one in whose root it lies, or in a folder of that root, such as `infra`.
pub(super) fn around(template: &Path) -> Option<PathBuf> {
    let template = std::path::absolute(template).ok()?;
    let folder = template.parent()?;
    if is_at(folder) {
        return Some(folder.to_owned());
    }
    let is_own = !is_skipped(&folder.file_name()?.to_string_lossy());
    folder.parent().filter(|root| is_own && is_at(root)).map(Path::to_owned)
}

/// The programs below a folder that consume events, by their crates' names.
///
/// # Errors
/// A folder, a manifest or a source file that cannot be read.
pub(super) fn consumers(root: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    find(root, &mut found)?;
    found.sort();
    Ok(found)
}

fn find(folder: &Path, found: &mut Vec<String>) -> io::Result<()> {
    if let Some(name) = consumer_at(folder)? {
        found.push(name);
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_own = || !is_skipped(&entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() && is_own() && !is_workspace(&entry.path())? {
            find(&entry.path(), found)?;
        }
    }
    Ok(())
}

fn is_skipped(name: &str) -> bool {
    name.starts_with('.') || SKIPPED.contains(&name)
}

/// A workspace inside another is another project.
fn is_workspace(folder: &Path) -> io::Result<bool> {
    Ok(manifest(folder)?.is_some_and(|manifest| manifest.contains_key("workspace")))
}

/// The name of the crate in a folder, if it is a program that makes a consumer. A crate may take the runtime for its
/// ledger alone.
fn consumer_at(folder: &Path) -> io::Result<Option<String>> {
    let Some(manifest) = manifest(folder)? else { return Ok(None) };
    let Some(name) = depends_on_runtime(&manifest) else { return Ok(None) };
    let sources = folder.join("src");
    let is_consumer = sources.join("main.rs").is_file() && makes_consumer(&sources)?;
    Ok(Some(name).filter(|_| is_consumer))
}

fn manifest(folder: &Path) -> io::Result<Option<Table>> {
    match fs::read_to_string(folder.join("Cargo.toml")) {
        Ok(text) => toml::from_str(&text).map(Some).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The crate's name, if it depends on the consumer runtime.
fn depends_on_runtime(manifest: &Table) -> Option<String> {
    const RUNTIME: &str = "fanfare";
    let dependencies = manifest.get("dependencies")?.as_table()?;
    let is_renamed = |dependency: &toml::Value| {
        dependency.get("package").and_then(toml::Value::as_str) == Some(RUNTIME)
    };
    let depends = dependencies.contains_key(RUNTIME) || dependencies.values().any(is_renamed);
    let name = manifest.get("package")?.get("name")?.as_str()?;
    depends.then(|| name.to_owned())
}

/// Whether a source file below makes a consumer, by `Consumer::new` or one of its like.
fn makes_consumer(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let found = match path.extension() {
            _ if path.is_dir() => makes_consumer(&path)?,
            Some(ending) if ending == "rs" => fs::read_to_string(&path)?.contains("Consumer::"),
            _ => false,
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_depends_on_the_runtime_is_found_however_it_says_so() {
        let named = |dependency: &str| {
            let manifest = format!("[package]\nname = \"climate\"\n{dependency}\n");
            depends_on_runtime(&toml::from_str(&manifest).expect("a manifest"))
        };

        assert_eq!(named("[dependencies]\nfanfare.workspace = true"), Some("climate".into()));
        assert_eq!(named("[dependencies]\nfanfare = { version = \"1\" }"), Some("climate".into()));
        assert_eq!(named("[dependencies.fanfare]\nversion = \"1\""), Some("climate".into()));
        assert_eq!(
            named("[dependencies]\nruntime = { package = \"fanfare\", version = \"1\" }"),
            Some("climate".into())
        );
        assert_eq!(named("[dependencies]\nfanfare-event = \"1\""), None);
        assert_eq!(named("[dev-dependencies]\nfanfare = \"1\""), None);
    }
}
