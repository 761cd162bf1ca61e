//! `fanfare up --check`: what a template would be here, and nothing is started.

use super::listing;
use crate::output::{say, say_json};
use crate::terminal::{BAD, GOOD, harmless, styled};
use fanfare_local::{Fault, FaultKind, Options, Plan};
use serde::Serialize;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

/// The report for programs.
#[derive(Serialize)]
struct Report {
    ok: bool,
    problems: Vec<Entry>,
    differs: Vec<Entry>,
}

/// One thing that keeps the template from running, or that runs otherwise than on AWS.
#[derive(Serialize)]
struct Entry {
    kind: FaultKind,
    resource: Option<String>,
    file: String,
    line: usize,
    message: String,
}

/// Prints what would run, what differs from AWS and what keeps the template from running. Exit code 1 if anything does.
pub(super) fn check(options: &Options, as_json: bool) -> Result<ExitCode, Box<dyn Error>> {
    let plan = fanfare_local::check(options)?;
    match as_json {
        true => say_json(&report(&plan, &options.template))?,
        false => say(&text(&plan, &options.template))?,
    }
    Ok(match plan.faults {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    })
}

fn report(plan: &Plan, file: &Path) -> Report {
    let left_out = plan.left_out.iter().map(|left_out| {
        let message = format!("is left out: {}", listing::why_left_out(left_out));
        Fault { message, ..left_out.fault.clone() }
    });
    let differs = left_out.chain(plan.differences.iter().cloned());
    let faults = plan.faults.iter().flat_map(|faults| &faults.all);
    Report {
        ok: plan.faults.is_none(),
        problems: faults.map(|fault| entry(fault.clone(), file)).collect(),
        differs: differs.map(|fault| entry(fault, file)).collect(),
    }
}

fn entry(Fault { kind, line, resource, message }: Fault, file: &Path) -> Entry {
    Entry { kind, resource, file: file.display().to_string(), line, message }
}

fn text(plan: &Plan, file: &Path) -> String {
    let mut lines = vec!["would run:".to_owned()];
    lines.extend(listing::stack(&plan.stack));
    lines.extend(listing::left_out(&plan.left_out));
    if !plan.differences.is_empty() {
        lines.push("differs from AWS:".to_owned());
        lines.extend(plan.differences.iter().map(|difference| {
            harmless(&format!("  {}:{}: {}", file.display(), difference.line, difference.message))
        }));
    }
    lines.push(match &plan.faults {
        None => styled(GOOD, "it would start"),
        Some(faults) => {
            format!("{}\n{}", styled(BAD, "it would not start:"), harmless(&faults.to_string()))
        }
    });
    lines.join("\n")
}
