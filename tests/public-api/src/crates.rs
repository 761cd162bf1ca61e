//! Which crates keep semver: those that are published with a version of more than 0.0.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Keeps semver as a command: its library is for commands beside it, and promises nothing (docs/VERSIONING.md).
const COMMAND: &str = "fanfare-cli";

/// The names of the libraries of this workspace that promise semver.
pub(crate) fn with_semver(root: &Path) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()?;
    if !metadata.status.success() {
        return Err(String::from_utf8_lossy(&metadata.stderr).into());
    }
    let metadata: Value = serde_json::from_slice(&metadata.stdout)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let chosen = packages.filter(|package| {
        let internal = package["version"].as_str().is_some_and(|v| v.starts_with("0.0."));
        let is_command = package["name"] == COMMAND;
        package["publish"].is_null() && !internal && !is_command && is_library(package)
    });
    Ok(chosen.filter_map(|package| package["name"].as_str().map(str::to_owned)).collect())
}

fn is_library(package: &Value) -> bool {
    let targets = package["targets"].as_array().into_iter().flatten();
    let kinds = targets.flat_map(|target| target["kind"].as_array().into_iter().flatten());
    kinds.into_iter().any(|kind| kind == "lib" || kind == "proc-macro")
}
