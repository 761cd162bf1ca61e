//! What is inside a package: all that its files name, and what a reader looks for. Nothing is compiled here.

use crate::workspace::{Package, cargo, platform};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The paths in a package.
fn contents(package: &Package) -> BTreeSet<PathBuf> {
    let listed = ["package", "--list", "--offline", "--allow-dirty", "--package", &package.name];
    cargo(&listed).lines().map(PathBuf::from).collect()
}

/// Files that a source file takes in when it is compiled, as paths in the package.
fn taken_in<'a>(file: &'a Path, text: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
    let folder = file.parent().unwrap_or(Path::new(""));
    ["include_str!(\"", "include_bytes!(\"", "#[path = \""].into_iter().flat_map(move |opening| {
        let rests = text.split(opening).skip(1);
        rests.filter_map(|rest| Some(normal(&folder.join(rest.split_once('"')?.0))))
    })
}

/// A path without `..`, as far as that goes.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut whole, part| {
        match part {
            Component::ParentDir if whole.file_name().is_some() => {
                whole.pop();
            }
            part => whole.push(part),
        }
        whole
    })
}

#[test]
fn a_package_has_its_readme_its_changelog_and_both_licences() {
    for package in platform() {
        let contents = contents(&package);
        for file in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "Cargo.toml"] {
            assert!(contents.contains(Path::new(file)), "{} lacks {file}", package.name);
        }
    }
}

#[test]
fn what_a_packaged_file_takes_in_is_in_the_package_and_no_test_reads_outside_it() {
    let mut outside = Vec::new();
    for package in platform() {
        let contents = contents(&package);
        for file in contents.iter().filter(|file| file.extension().is_some_and(|e| e == "rs")) {
            let text = fs::read_to_string(package.folder.join(file)).expect("readable");
            let missing = taken_in(file, &text).filter(|taken| !contents.contains(taken));
            outside
                .extend(missing.map(|taken| format!("{}: {file:?} takes {taken:?}", package.name)));
            if text.contains("join(\"../") {
                outside.push(format!("{}: {file:?} reads what is outside", package.name));
            }
        }
    }
    assert!(outside.is_empty(), "{outside:#?}");
}
