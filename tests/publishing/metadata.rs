//! What a manifest has to say, by crates.io's rules (<https://doc.rust-lang.org/cargo/reference/manifest.html>).

use crate::workspace::{packages, platform};
use std::fs;

/// Slugs of <https://crates.io/category_slugs> that fit something here; an unknown one would be dropped silently.
const CATEGORIES: [&str; 17] = [
    "api-bindings",
    "asynchronous",
    "command-line-utilities",
    "config",
    "data-structures",
    "database",
    "development-tools",
    "development-tools::debugging",
    "development-tools::procedural-macro-helpers",
    "development-tools::testing",
    "emulators",
    "encoding",
    "network-programming",
    "parser-implementations",
    "simulation",
    "text-processing",
    "web-programming::http-server",
];

#[test]
fn the_platform_s_crates_are_published_and_no_others() {
    for package in packages() {
        let published = package.manifest["publish"].is_null();
        assert_eq!(published, package.is_of_the_platform(), "{}", package.name);
    }
}

#[test]
fn a_published_crate_says_what_it_is_whose_and_since_which_rust() {
    for package in platform() {
        for key in ["description", "license", "repository", "rust_version", "readme"] {
            assert!(!package.text(key).is_empty(), "{} has no {key}", package.name);
        }
        assert!(package.text("description").ends_with('.'), "{}", package.name);
    }
}

#[test]
fn keywords_and_categories_are_such_as_crates_io_takes() {
    for package in platform() {
        let keywords = package.list("keywords");
        assert!((1..=5).contains(&keywords.len()), "{}: {keywords:?}", package.name);
        for keyword in keywords {
            let fits =
                keyword.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit());
            assert!(fits && keyword.len() <= 20, "{}: {keyword}", package.name);
        }
        let categories = package.list("categories");
        assert!((1..=5).contains(&categories.len()), "{}: {categories:?}", package.name);
        for category in categories {
            assert!(CATEGORIES.contains(&category), "{}: {category} is no slug", package.name);
        }
    }
}

#[test]
fn a_version_stands_beside_every_path_to_another_crate_of_the_platform() {
    let platform = platform();
    let mut wrong = Vec::new();
    for package in &platform {
        let dependencies = package.manifest["dependencies"].as_array().expect("dependencies");
        for dependency in dependencies.iter().filter(|d| !d["path"].is_null() && d["kind"] != "dev")
        {
            let name = dependency["name"].as_str().expect("a name");
            let requirement = dependency["req"].as_str().expect("a requirement");
            let other = platform.iter().find(|other| other.name == name);
            let version = other.map_or("not published", |other| other.text("version"));
            if requirement.trim_start_matches(['^', '=']) != version {
                wrong.push(format!("{}: {name} {requirement} is {version}", package.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_has_a_readme_that_says_where_it_belongs_and_a_changelog_that_knows_its_version() {
    for package in platform() {
        let read = |file| fs::read_to_string(package.folder.join(file)).unwrap_or_default();
        let (readme, changelog) = (read("README.md"), read("CHANGELOG.md"));
        assert!(readme.starts_with(&format!("# {}\n", package.name)), "{}", package.name);
        assert!(readme.contains("docs/VERSIONING.md"), "{} does not link it", package.name);
        let version = format!("\n## {}", package.text("version"));
        assert!(changelog.contains(&version), "{}: no section {version:?}", package.name);
    }
}
