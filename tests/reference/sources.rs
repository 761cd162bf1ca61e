//! The platform's sources, without tests and documentation.

use std::fs;
use std::path::{Path, PathBuf};
use system_tests::repository;

/// The code of every crate of the platform in this folder.
pub(crate) fn of_crates_in(folder: &str) -> String {
    let mut crates: Vec<_> = entries(&repository().join(folder));
    crates.retain(|path| name(path).starts_with("fanfare"));
    assert!(crates.len() > 3, "{folder} has no crates of the platform");
    crates.iter().map(|path| of_crate(path)).collect()
}

/// The code of one crate.
fn of_crate(folder: &Path) -> String {
    let mut code = String::new();
    let mut folders = vec![folder.join("src")];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            match path.is_dir() {
                true if name(&path) != "tests" => folders.push(path),
                true => {}
                false if matches!(name(&path), "fixtures.rs" | "tests.rs") => {}
                false => {
                    code.push_str(&without_tests(&fs::read_to_string(&path).expect("readable")))
                }
            }
        }
    }
    code
}

fn without_tests(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a readable folder");
    entries.map(|entry| entry.expect("readable").path()).collect()
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}
