//! The rules of the house: which way dependencies point, and what every file must have.

mod documents;
mod features;
mod wall;

use event_schema::StoreEvent;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use system_tests::repository;

/// Every file below the workspace's source folders with this ending.
fn files(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<_> =
        ["functions", "infra", "shared", "tests"].map(|f| repository().join(f)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            match path.is_dir() {
                // A stranger's project has a target folder of its own.
                true if path.ends_with("target") => {}
                true => folders.push(path),
                false if path.to_string_lossy().ends_with(ending) => found.push(path),
                false => {}
            }
        }
    }
    assert!(!found.is_empty(), "no {ending} anywhere");
    found
}

/// A crate's name and what it depends on.
struct Package {
    name: String,
    /// What its library and programs depend on, those for tests left aside.
    linked: Vec<String>,
    /// All of it.
    dependencies: Vec<String>,
}

/// Reads a manifest.
fn package(manifest: &Path) -> Package {
    let text = fs::read_to_string(manifest).expect("a readable manifest");
    let mut package = Package { name: String::new(), linked: Vec::new(), dependencies: Vec::new() };
    let mut section = "";
    for line in text.lines() {
        if let Some(header) = line.strip_prefix('[') {
            section = header.trim_end_matches(']');
        } else if let Some((key, value)) = line.split_once('=') {
            let key = key.split('.').next().unwrap_or_default().trim().to_owned();
            match section {
                "package" if key == "name" => {
                    package.name = value.trim().trim_matches('"').to_owned()
                }
                "dependencies" => {
                    package.linked.push(key.clone());
                    package.dependencies.push(key);
                }
                section if section.ends_with("dependencies") => package.dependencies.push(key),
                _ => {}
            }
        }
    }
    package
}

/// The folder and the name of every crate of the workspace. What is outside of it is a stranger's.
fn packages() -> Vec<(PathBuf, String)> {
    let strangers = ["tests/outside", "tests/social"].map(|folder| repository().join(folder));
    let is_ours = |path: &PathBuf| strangers.iter().all(|stranger| !path.starts_with(stranger));
    let manifests = files("Cargo.toml").into_iter().filter(is_ours);
    let folder = |path: &Path| path.parent().expect("a folder").to_owned();
    manifests.map(|path| (folder(&path), package(&path).name)).collect()
}

fn crates_in(folder: &str) -> Vec<(String, Vec<String>)> {
    let below = repository().join(folder);
    let here = files("Cargo.toml").into_iter().filter(|path| path.starts_with(&below));
    here.map(|path| package(&path)).map(|package| (package.name, package.linked)).collect()
}

#[test]
fn every_crate_takes_the_workspace_s_lints() {
    for (folder, _) in packages() {
        let manifest = folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).expect("readable");
        assert!(text.contains("[lints]\nworkspace = true"), "{}", manifest.display());
    }
}

#[test]
fn a_panic_unwinds_in_what_is_deployed_so_that_it_fails_its_record_alone() {
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).expect("readable");
    let profile = manifest.split("[profile.release]").nth(1).expect("a release profile");
    let profile = profile.split("\n[").next().unwrap_or_default();
    assert!(profile.contains("panic = \"unwind\""), "cargo-lambda would set panic to abort");
}

#[test]
fn every_file_says_first_what_it_is_for() {
    for file in files(".rs") {
        let text = fs::read_to_string(&file).expect("readable");
        assert!(text.starts_with("//! "), "{}", file.display());
    }
}

#[test]
fn no_function_depends_on_another() {
    let functions = crates_in("functions");
    for (name, dependencies) in &functions {
        for (other, _) in &functions {
            assert!(!dependencies.contains(other), "{name} depends on {other}");
        }
    }
}

#[test]
fn shared_crates_depend_on_no_function() {
    let functions: Vec<String> = crates_in("functions").into_iter().map(|(name, _)| name).collect();
    for (name, dependencies) in crates_in("shared") {
        for function in &functions {
            assert!(!dependencies.contains(function), "{name} depends on {function}");
        }
    }
}

#[test]
fn the_schema_knows_no_aws_and_no_io() {
    for (name, dependencies) in crates_in("shared/event-schema") {
        let forbidden =
            |d: &&String| d.starts_with("aws") || *d == "tokio" || *d == "lambda_runtime";
        assert_eq!(dependencies.iter().find(forbidden), None, "{name}");
    }
}

/// The types that each consumer is subscribed to, as the template's mapping has them.
fn subscriptions() -> Vec<(String, Vec<String>)> {
    let template = fs::read_to_string(repository().join("infra/template.yaml")).expect("readable");
    let (_, mapping) = template.split_once("\n  Subscriptions:\n").expect("the mapping");
    let (mapping, _) = mapping.split_once("\n\n").expect("an end of it");
    let mut subscriptions: Vec<(String, Vec<String>)> = Vec::new();
    for line in mapping.lines() {
        let types = match line.strip_prefix("    ").filter(|rest| !rest.starts_with(' ')) {
            Some(consumer) => {
                let (name, types) = consumer.split_once(':').expect("a consumer");
                subscriptions.push((name.to_owned(), Vec::new()));
                types
            }
            None => line,
        };
        let words = types.split(|c: char| !c.is_ascii_alphanumeric());
        let types = words.filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()));
        let (_, list) = subscriptions.last_mut().expect("a consumer before its types");
        list.extend(types.map(str::to_owned));
    }
    subscriptions
}

#[test]
fn every_consumer_of_the_template_subscribes_to_events_that_the_schema_knows() {
    let is_consumer = |(folder, _): &(PathBuf, String)| {
        let main = fs::read_to_string(folder.join("src/main.rs")).unwrap_or_default();
        folder.starts_with(repository().join("functions")) && main.contains("::consumer(")
    };
    let consumers: BTreeSet<String> =
        packages().into_iter().filter(is_consumer).map(|(_, name)| name).collect();

    let subscriptions = subscriptions();

    let subscribed: BTreeSet<String> =
        subscriptions.iter().map(|(consumer, _)| consumer.clone()).collect();
    assert_eq!(subscribed, consumers);
    for (consumer, types) in subscriptions {
        assert!(!types.is_empty(), "{consumer}");
        for event_type in types {
            let is_known = StoreEvent::TYPES.contains(&event_type.as_str());
            assert!(is_known, "{consumer}: {event_type} is unknown");
        }
    }
}

/// What stands between each `before` and the next `after`.
fn between(text: &str, before: &str, after: &[char]) -> BTreeSet<String> {
    let rests = text.split(before).skip(1);
    rests.filter_map(|rest| rest.split(after).next()).map(str::to_owned).collect()
}

#[test]
fn alarms_and_dashboard_show_the_metrics_that_the_code_writes_and_no_others() {
    let mut written = BTreeSet::new();
    for file in files(".rs").iter().filter(|file| !file.starts_with(repository().join("tests"))) {
        let text = fs::read_to_string(file).expect("readable");
        // Examples in the documentation have metrics of their own.
        let code = |line: &&str| !line.trim_start().starts_with("//");
        let text: String = text.lines().filter(code).collect();
        written.extend(between(&text, "Metric::count(\"", &['"']));
        written.extend(between(&text, "Metric::milliseconds(\"", &['"']));
    }
    let template = fs::read_to_string(repository().join("infra/template.yaml")).expect("readable");

    let mut shown = between(&template, "[\"Fanfare\",\"", &['"']);
    for metric in template.split("Namespace: Fanfare").skip(1) {
        let (_, name) = metric.split_once("MetricName: ").expect("a metric has a name");
        shown.extend(name.split([',', '\n']).next().map(str::to_owned));
    }

    assert_eq!(shown, written);
}

#[test]
fn every_alarm_names_a_section_of_the_runbook() {
    let template = fs::read_to_string(repository().join("infra/template.yaml")).expect("readable");
    let runbook = fs::read_to_string(repository().join("docs/RUNBOOK.md")).expect("readable");
    let named = between(&template, " RUNBOOK: ", &['.']);
    assert!(named.len() > 5, "{named:?}");
    for name in named {
        let heading = format!("\n## {name}\n").to_lowercase();
        assert!(runbook.to_lowercase().contains(&heading), "{name} is no section");
    }
}
