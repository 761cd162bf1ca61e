//! Reports as SARIF 2.1.0, as code scanning reads it.
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use crate::{Accepted, Finding, Note, Place, RULES, Report, Rule};
use serde_json::{Value, json};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The reports as one run. What is accepted is there and suppressed, with its reason; what could not be judged
/// is there as `open` if `verbose`.
pub fn sarif(reports: &[Report], verbose: bool) -> Value {
    let mut results = Vec::new();
    for report in reports {
        let path = report.template.as_str();
        results.extend(report.findings.iter().map(|finding| result(path, finding)));
        results.extend(report.accepted.iter().map(|accepted| suppressed(path, accepted)));
        if verbose {
            results.extend(report.notes.iter().filter_map(|note| open(path, note)));
        }
    }
    let rules: Vec<Value> = RULES.into_iter().map(descriptor).collect();
    let driver = json!({
        "name": "fanfare lint",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": format!("{} See {}", rule.why, rule.page) },
        "helpUri": rule.page,
        "defaultConfiguration": { "level": "error" },
    })
}

fn result(path: &str, finding: &Finding) -> Value {
    let message =
        format!("{}: {} {}", finding.subject(), sentence(&finding.reason), finding.remedy);
    let mut result = base(path, finding.rule, finding.place, &finding.resource, &finding.subject());
    result["level"] = "error".into();
    result["message"] = json!({ "text": message });
    result["partialFingerprints"] = json!({ "fanfareFinding/v1": finding.fingerprint(path) });
    result
}

fn suppressed(path: &str, accepted: &Accepted) -> Value {
    let mut result = result(path, &accepted.finding);
    result["suppressions"] = json!([{ "kind": "inSource", "justification": accepted.because }]);
    result
}

/// What the standard calls open: looked at, and not decided for want of knowledge.
fn open(path: &str, note: &Note) -> Option<Value> {
    let mut result = base(path, note.rule?, note.place, &note.resource, &note.subject());
    result["kind"] = "open".into();
    result["level"] = "none".into();
    result["message"] = json!({ "text": format!("{}: {}", note.subject(), sentence(&note.text)) });
    Some(result)
}

fn base(path: &str, rule: &Rule, place: Place, resource: &str, subject: &str) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact(path),
            "region": { "startLine": place.line, "startColumn": place.column },
        },
    });
    if !resource.is_empty() {
        location["logicalLocations"] =
            json!([{ "name": resource, "fullyQualifiedName": subject, "kind": "resource" }]);
    }
    let index = RULES.iter().position(|other| other.id == rule.id);
    json!({ "ruleId": rule.id, "ruleIndex": index, "locations": [location] })
}

/// Relative to the repository's root, unless the path says otherwise.
fn artifact(path: &str) -> Value {
    let uri: String = path.bytes().map(in_uri).collect();
    match uri.strip_prefix('/') {
        Some(_) => json!({ "uri": format!("file://{uri}") }),
        None => json!({ "uri": uri.trim_start_matches("./"), "uriBaseId": "%SRCROOT%" }),
    }
}

fn in_uri(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        b'\\' => "/".to_owned(),
        other => format!("%{other:02X}"),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}
