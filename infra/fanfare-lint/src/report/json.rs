//! Reports as JSON.

use crate::{Finding, Note, Report};
use serde_json::{Value, json};

/// The reports as one JSON document:
/// `{"templates": [{"template", "findings": [...], "accepted": [...], "notes": [...]}], "findings": count}`.
pub fn json(reports: &[Report]) -> Value {
    let count: usize = reports.iter().map(|report| report.findings.len()).sum();
    let templates: Vec<Value> = reports.iter().map(template).collect();
    json!({ "templates": templates, "findings": count })
}

fn template(report: &Report) -> Value {
    let path = report.template.as_str();
    let findings: Vec<Value> = report.findings.iter().map(|one| finding(path, one)).collect();
    let accepted = report.accepted.iter().map(|accepted| {
        let mut value = finding(path, &accepted.finding);
        value["because"] = accepted.because.as_str().into();
        value
    });
    let accepted: Vec<Value> = accepted.collect();
    let notes: Vec<Value> = report.notes.iter().map(note).collect();
    json!({ "template": path, "findings": findings, "accepted": accepted, "notes": notes })
}

fn finding(path: &str, finding: &Finding) -> Value {
    json!({
        "rule": finding.rule.id,
        "resource": finding.resource,
        "property": finding.property,
        "line": finding.place.line,
        "column": finding.place.column,
        "reason": finding.reason,
        "remedy": finding.remedy,
        "page": finding.rule.page,
        "fingerprint": finding.fingerprint(path),
    })
}

fn note(note: &Note) -> Value {
    json!({
        "rule": note.rule.map(|rule| rule.id),
        "resource": note.resource,
        "property": note.property,
        "line": note.place.line,
        "column": note.place.column,
        "text": note.text,
    })
}
