//! Reports for people.

use crate::{Finding, LeftOut, Note, Report};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

const BAD: Style = AnsiColor::Red.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const NAME: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Writes the reports, styled; `verbose` adds what is accepted, what could not be judged, and what is left out.
///
/// # Errors
/// Those of the writer.
pub fn plain(reports: &[Report], verbose: bool, out: &mut impl Write) -> io::Result<()> {
    for report in reports {
        for finding in &report.findings {
            write_finding(&report.template, finding, out)?;
        }
        if verbose {
            write_quiet(report, out)?;
        }
    }
    reports.iter().try_for_each(|report| write_summary(report, verbose, out))
}

fn write_finding(template: &str, finding: &Finding, out: &mut impl Write) -> io::Result<()> {
    let place = finding.place;
    writeln!(
        out,
        "{NAME}{template}:{}:{}{NAME:#} {NAME}{}{NAME:#} {BAD}{}{BAD:#}",
        place.line,
        place.column,
        finding.subject(),
        finding.rule.id
    )?;
    writeln!(out, "    {}: {}", finding.rule.title, finding.reason)?;
    writeln!(out, "    {GOOD}fix{GOOD:#} {}", finding.remedy)?;
    writeln!(out, "    {DIM}see {}{DIM:#}\n", finding.rule.page)
}

fn write_quiet(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for accepted in &report.accepted {
        let Finding { place, rule, .. } = &accepted.finding;
        writeln!(
            out,
            "{DIM}{}:{} {} {}: accepted: {}{DIM:#}",
            report.template,
            place.line,
            accepted.finding.subject(),
            rule.id,
            accepted.because
        )?;
    }
    for note in &report.notes {
        let Note { rule, place, text, .. } = note;
        let rule = rule.map_or_else(String::new, |rule| format!(" {}", rule.id));
        writeln!(
            out,
            "{DIM}{}:{} {}{rule}: {text}{DIM:#}",
            report.template,
            place.line,
            note.subject()
        )?;
    }
    for LeftOut { resource, condition, place } in &report.left_out {
        let (template, line) = (&report.template, place.line);
        writeln!(
            out,
            "{DIM}{template}:{line} {resource}: not judged: {condition} does not hold{DIM:#}"
        )?;
    }
    Ok(())
}

fn write_summary(report: &Report, verbose: bool, out: &mut impl Write) -> io::Result<()> {
    let template = &report.template;
    match report.findings.len() {
        0 => write!(out, "{template}: {GOOD}clean{GOOD:#}")?,
        1 => write!(out, "{template}: {BAD}1 finding{BAD:#}")?,
        count => write!(out, "{template}: {BAD}{count} findings{BAD:#}")?,
    }
    if !report.accepted.is_empty() {
        write!(out, ", {} accepted", report.accepted.len())?;
    }
    if !report.notes.is_empty() {
        let notes = if report.notes.len() == 1 { "note" } else { "notes" };
        let hint = if verbose { "" } else { " (--verbose shows them)" };
        write!(out, ", {} {notes}{hint}", report.notes.len())?;
    }
    if !report.left_out.is_empty() {
        let hint = if verbose { "" } else { " (--verbose names them)" };
        write!(out, ", {} left out by conditions{hint}", report.left_out.len())?;
    }
    writeln!(out)
}
