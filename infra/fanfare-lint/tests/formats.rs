//! What reports look like.

#![allow(clippy::unwrap_used, reason = "a test may")]

use fanfare_lint::{Options, RULES, Report, json, lint, plain, sarif};
use serde_json::Value;
use std::path::Path;

/// A finding, one that is accepted, one that cannot be judged, and a resource that is not deployed.
const TEMPLATE: &str = "Conditions: { Never: !Equals [a, b] }
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 60
  Beats:
    Type: AWS::SQS::Queue
    Metadata: { Fanfare: { Accept: [{ Rule: queue-without-dlq, Because: The next one comes soon. }] } }
  Spare:
    Type: AWS::SQS::Queue
    Properties: { RedrivePolicy: !ImportValue policy }
  Absent:
    Type: AWS::SQS::Queue
    Condition: Never
";

fn report() -> Report {
    lint("infra/a b.yaml", TEMPLATE, &Options::default()).unwrap()
}

fn golden(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates/golden").join(name);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_plain_report_is_the_golden_one() {
    let mut styled = Vec::new();
    plain(&[report()], true, &mut styled).unwrap();

    // As anstream does where the output is no terminal.
    let text = String::from_utf8(styled).unwrap();
    let mut stripped = String::new();
    let mut in_style = false;
    for letter in text.chars() {
        match letter {
            '\u{1b}' => in_style = true,
            'm' if in_style => in_style = false,
            letter if !in_style => stripped.push(letter),
            _ => {}
        }
    }

    assert_eq!(stripped, golden("report.txt"));
}

#[test]
fn the_json_report_is_the_golden_one() {
    let expected: Value = serde_json::from_str(&golden("report.json")).unwrap();

    assert_eq!(json(&[report()]), expected);
}

#[test]
fn the_sarif_report_is_the_golden_one() {
    let mut expected: Value = serde_json::from_str(&golden("report.sarif")).unwrap();
    let mut log = sarif(&[report()], true);

    // The rules have tests of their own, and the version changes.
    for log in [&mut log, &mut expected] {
        let driver = log["runs"][0]["tool"]["driver"].as_object_mut().unwrap();
        driver.remove("rules");
        driver.remove("semanticVersion");
    }
    assert_eq!(log, expected);
}

#[test]
fn the_sarif_report_has_what_the_standard_asks_for() {
    let log = sarif(&[report()], true);

    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), RULES.len());
    for rule in rules {
        assert!(rule["helpUri"].as_str().unwrap().starts_with("https://"), "{rule}");
        assert!(rule["shortDescription"]["text"].is_string(), "{rule}");
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["message"]["text"].as_str().unwrap().ends_with('.'));
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "infra/a%20b.yaml");
        assert!(location["region"]["startLine"].as_u64().unwrap() > 0);
    }
    let levels: Vec<&Value> = results.iter().map(|result| &result["level"]).collect();
    assert_eq!(levels, ["error", "error", "none"]);
    assert_eq!(results[1]["suppressions"][0]["kind"], "inSource");
}

#[test]
fn a_fingerprint_is_the_same_when_lines_and_values_change_and_differs_between_findings() {
    let before = report();
    let moved =
        TEMPLATE.replace("Resources:", "Description: more\n\nResources:").replace("60", "90");

    let after = lint("infra/a b.yaml", &moved, &Options::default()).unwrap();

    let print = |report: &Report| report.findings[0].fingerprint(&report.template);
    assert_eq!(print(&before), print(&after));
    assert_ne!(before.findings[0].place, after.findings[0].place);
    assert_ne!(print(&before), before.accepted[0].finding.fingerprint(&before.template));
}

#[test]
fn findings_of_one_rule_about_one_property_have_fingerprints_of_their_own() {
    let policy = "Resources:
  R:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: { Statement: [{ Effect: Allow, Action: ['sqs:*', 'sns:*'], Resource: x }] }
";
    let report = lint("a.yaml", policy, &Options::default()).unwrap();

    let prints: Vec<String> = report.findings.iter().map(|f| f.fingerprint("a.yaml")).collect();
    assert_eq!(prints.len(), 2);
    assert_ne!(prints[0], prints[1]);
}
