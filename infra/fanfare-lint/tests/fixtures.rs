//! The templates of `tests/templates`: `RULE.yaml` and `RULE.variant.yaml` break that rule alone, at the lines that end
//! in `# breaks`; `clean.*` break none.

#![allow(clippy::unwrap_used, reason = "a test may")]

use fanfare_event::Catalogue;
use fanfare_lint::{CatalogueFile, Options, Project, RULES, Report, lint};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates")
}

fn templates() -> Vec<(String, String)> {
    let folder = folder();
    let mut files: Vec<PathBuf> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let files = files.iter().filter(|path| path.is_file());
    files
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// As in a project whose events are in a catalogue, and whose consumers the template's first line names.
fn lint_as_project(name: &str, text: &str) -> Report {
    let consumers = text.lines().next().and_then(|line| line.strip_prefix("# consumers: "));
    let consumers = consumers.and_then(|names| names.split(' ').next());
    let project = Project {
        catalogue: Some(CatalogueFile {
            name: "events/catalogue.json".to_owned(),
            catalogue: Catalogue::read(folder().join("events/catalogue.json")).unwrap(),
        }),
        consumers: Some(consumers.map(String::from).into_iter().collect()),
    };
    lint(name, text, &Options { project, ..Options::default() }).unwrap()
}

fn expected(name: &str, text: &str) -> Vec<(String, usize)> {
    let rule = name.split('.').next().unwrap();
    let lines = text.lines().enumerate().filter(|(_, line)| line.ends_with("# breaks"));
    lines.map(|(index, _)| (rule.to_owned(), index + 1)).collect()
}

#[test]
fn each_template_breaks_its_rule_where_it_says_and_no_other() {
    for (name, text) in templates() {
        let report = lint_as_project(&name, &text);

        let found: Vec<(String, usize)> =
            report.findings.iter().map(|f| (f.rule.id.to_owned(), f.place.line)).collect();

        assert_eq!(found, expected(&name, &text), "{name}: {:#?}", report.findings);
        assert_eq!(found.is_empty(), name.starts_with("clean."), "{name}");
    }
}

#[test]
fn every_rule_has_a_template_that_breaks_it() {
    let templates = templates();
    for rule in RULES {
        let own = |name: &str| name.split('.').next() == Some(rule.id);
        assert!(templates.iter().any(|(name, _)| own(name)), "{}", rule.id);
    }
}

#[test]
fn every_rule_says_why_and_where_from() {
    for rule in RULES {
        assert!(rule.page.starts_with("https://docs.aws.amazon.com/"), "{}", rule.id);
        assert!(rule.why.ends_with('.') && !rule.title.ends_with('.'), "{}", rule.id);
        assert!(
            rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{}",
            rule.id
        );
    }
}

#[test]
fn an_accepted_finding_is_kept_with_its_reason() {
    let (name, text) = templates().into_iter().find(|(name, _)| name == "clean.sam.yaml").unwrap();

    let report = lint_as_project(&name, &text);

    let accepted: Vec<_> =
        report.accepted.iter().map(|a| (a.finding.subject(), a.because.as_str())).collect();
    let reason = "Heartbeats: the next one is sent in a minute.";
    assert_eq!(accepted, [("Lonely.RedrivePolicy".to_owned(), reason)]);
}

#[test]
fn what_only_aws_knows_is_noted_and_never_found() {
    let (name, text) =
        templates().into_iter().find(|(name, _)| name == "clean.unknown.yaml").unwrap();

    let report = lint_as_project(&name, &text);

    let noted: Vec<&str> =
        report.notes.iter().filter_map(|note| note.rule.map(|rule| rule.id)).collect();
    for rule in
        ["visibility-timeout", "queue-without-dlq", "log-retention", "open-policy", "batch-window"]
    {
        assert!(noted.contains(&rule), "{rule} is not among {noted:?}");
    }
}

#[test]
fn the_stage_decides_about_recovery() {
    let templates = templates();
    let (name, text) =
        templates.iter().find(|(name, _)| name == "point-in-time-recovery.yaml").unwrap();

    let dev = Options { stage: "development".into(), ..Options::default() };

    assert!(lint(name, text, &dev).unwrap().findings.is_empty());
}

#[test]
fn a_given_parameter_counts_instead_of_its_default() {
    let templates = templates();
    let (name, text) =
        templates.iter().find(|(name, _)| name == "visibility-timeout.window.yaml").unwrap();
    let mut options = Options::default();

    options.parameters.insert("Timeout".into(), "6".into());

    assert!(lint(name, text, &options).unwrap().findings.is_empty());
}

#[test]
fn without_a_catalogue_event_types_are_said_not_to_be_judged_once() {
    let templates = templates();
    let (name, text) =
        templates.iter().find(|(name, _)| name == "unknown-event-type.yaml").unwrap();

    let report = lint(name, text, &Options::default()).unwrap();

    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let about_types = |note: &&fanfare_lint::Note| note.text.contains("no catalogue of events");
    assert_eq!(report.notes.iter().filter(about_types).count(), 1);
}
