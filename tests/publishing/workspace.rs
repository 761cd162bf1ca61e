//! The packages of this workspace, as cargo knows them.

use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use system_tests::repository;

/// A package, with what its manifest says of it.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) manifest: Value,
}

impl Package {
    /// A crate of the platform: its name says so.
    pub(crate) fn is_of_the_platform(&self) -> bool {
        self.name == "fanfare" || self.name.starts_with("fanfare-")
    }

    /// What the manifest says, as text; empty when it does not.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.manifest[key].as_str().unwrap_or_default()
    }

    /// A list of the manifest.
    pub(crate) fn list(&self, key: &str) -> Vec<&str> {
        self.manifest[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

/// All of them.
pub(crate) fn packages() -> Vec<Package> {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps", "--offline"]);
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo's JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages.iter().map(package).collect()
}

/// Those of the platform.
pub(crate) fn platform() -> Vec<Package> {
    let platform: Vec<_> = packages().into_iter().filter(Package::is_of_the_platform).collect();
    assert!(platform.len() > 8, "the platform is missing");
    platform
}

/// What cargo says to these arguments.
pub(crate) fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(repository())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn package(manifest: &Value) -> Package {
    let path = PathBuf::from(manifest["manifest_path"].as_str().expect("a path"));
    Package {
        name: manifest["name"].as_str().expect("a name").to_owned(),
        folder: path.parent().expect("a folder").to_owned(),
        manifest: manifest.clone(),
    }
}
