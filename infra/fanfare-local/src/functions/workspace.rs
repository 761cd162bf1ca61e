//! The cargo workspace that a template or a function's code lies in, and the folder that it builds into.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A cargo workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Workspace {
    /// The folder of its manifest.
    pub(crate) root: PathBuf,
    /// Where `cargo build` leaves what it made.
    pub(crate) target: PathBuf,
}

/// The part of cargo's configuration that says where it builds.
/// <https://doc.rust-lang.org/cargo/reference/config.html#buildtarget-dir>
#[derive(Deserialize, Default)]
#[serde(default)]
struct Configuration {
    build: Build,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "kebab-case")]
struct Build {
    target_dir: Option<PathBuf>,
}

/// The part of a manifest that names programs.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Manifest {
    package: Option<Named>,
    bin: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl Workspace {
    /// The workspace around a folder, as cargo finds it: the nearest manifest that is a workspace's, else the nearest
    /// manifest. `target` is what `CARGO_TARGET_DIR` says, if anything.
    pub(crate) fn around(folder: &Path, target: Option<&Path>) -> Option<Self> {
        let manifests = || folder.ancestors().filter(|folder| folder.join("Cargo.toml").is_file());
        let root = manifests().find(|root| is_workspace(root)).or_else(|| manifests().next())?;
        let target = match target {
            Some(target) => root.join(target),
            None => configured(root).unwrap_or_else(|| root.join("target")),
        };
        Some(Self { root: root.to_owned(), target })
    }
}

/// The programs of the package in a folder, as its manifest names them: what `[[bin]]` says, else the package's own name.
pub(crate) fn binaries(folder: &Path) -> Vec<String> {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let manifest: Manifest = toml::from_str(&manifest).unwrap_or_default();
    match manifest.bin.is_empty() {
        true => manifest.package.map(|package| package.name).into_iter().collect(),
        false => manifest.bin.into_iter().map(|binary| binary.name).collect(),
    }
}

fn is_workspace(root: &Path) -> bool {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
    toml::from_str::<toml::Table>(&manifest)
        .is_ok_and(|manifest| manifest.contains_key("workspace"))
}

/// Cargo reads the configuration of a folder and of all above it, and the nearest says where to build. A relative
/// folder is meant from the one that `.cargo` lies in.
fn configured(root: &Path) -> Option<PathBuf> {
    root.ancestors().find_map(|folder| {
        let files = ["config.toml", "config"].map(|name| folder.join(".cargo").join(name));
        let text = files.iter().find_map(|file| fs::read_to_string(file).ok())?;
        let configuration: Configuration = toml::from_str(&text).ok()?;
        configuration.build.target_dir.map(|target| folder.join(target))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: PathBuf, text: &str) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    #[test]
    fn the_nearest_workspace_is_the_one_as_for_cargo() {
        let folder = tempfile::tempdir().expect("a folder");
        let outer = folder.path();
        let inner = outer.join("tests/outside");
        write(outer.join("Cargo.toml"), "[workspace]\nmembers = []");
        write(inner.join("Cargo.toml"), "[workspace]\nmembers = [\"climate\"]");
        write(inner.join("climate/Cargo.toml"), "[package]\nname = \"climate\"");

        let found = Workspace::around(&inner.join("climate/src"), None).expect("a workspace");

        assert_eq!(found, Workspace { target: inner.join("target"), root: inner });
    }

    #[test]
    fn a_package_alone_is_its_own_workspace_and_no_manifest_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Workspace::around(&folder.path().join("a"), None), None);

        write(folder.path().join("a/Cargo.toml"), "[package]\nname = \"a\"");

        let found = Workspace::around(&folder.path().join("a"), None).expect("a workspace");
        assert_eq!(found.target, folder.path().join("a/target"));
    }

    #[test]
    fn environment_and_configuration_say_where_cargo_builds() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        write(root.join("Cargo.toml"), "[workspace]");
        write(root.join(".cargo/config.toml"), "[build]\ntarget-dir = \"built\"");

        let target = |given: Option<&str>| {
            Workspace::around(root, given.map(Path::new)).expect("a workspace").target
        };

        assert_eq!(target(None), root.join("built"));
        assert_eq!(target(Some("elsewhere")), root.join("elsewhere"));
        assert_eq!(target(Some("/elsewhere")), PathBuf::from("/elsewhere"));
    }
}
