//! What an action came to.

use crate::interrupt::exit_code;
use crate::output::{say, say_json};
use crate::terminal::{BAD, GOOD, harmless};
use fanfare_operate::{Report, Selection};
use std::error::Error;
use std::process::ExitCode;

/// Failures that are told one by one.
const TOLD: usize = 10;

/// Tells it, and gives the exit code.
pub(super) fn tell(
    report: &Report,
    selection: &Selection,
    json: bool,
) -> Result<ExitCode, Box<dyn Error>> {
    if json {
        say_json(report)?;
    } else {
        say(&render(report))?;
    }
    let counts = report.counts;
    let found = counts.selected > 0 || selection.is_everything();
    let well = found && counts.failed == 0 && counts.doubled == 0;
    Ok(exit_code(report.interrupted, well))
}

fn render(report: &Report) -> String {
    let counts = report.counts;
    let (good, reset) = (GOOD.render(), GOOD.render_reset());
    let (bad, end) = (BAD.render(), BAD.render_reset());
    let told = [
        (counts.sent, "sent back"),
        (counts.edited, "of these edited"),
        (counts.deleted.saturating_sub(counts.sent), "deleted"),
        (counts.skipped, "skipped in the editor"),
        (counts.came_back, "failed again at once and are here again"),
        (counts.read - counts.selected, "not meant"),
    ];
    let told = told.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, what)| format!("{count} {what}")).collect();
    let summary =
        if told.is_empty() { "there was nothing to do".to_owned() } else { told.join(", ") };
    let mut lines = vec![format!("{good}{}{reset}: {summary}", report.consumer)];
    let wrong = [
        (counts.failed, "not dealt with; they are in the dead-letter queue still"),
        (counts.doubled, "sent and not deleted; the consumer ignores the second copy"),
    ];
    for (count, what) in wrong.into_iter().filter(|(count, _)| *count > 0) {
        lines.push(format!("{bad}{count} {what}{end}"));
    }
    let failures = report.failures.iter().take(TOLD);
    lines.extend(
        failures.map(|failed| {
            format!("  {}: {}", harmless(&failed.message_id), harmless(&failed.reason))
        }),
    );
    if report.in_flight_elsewhere > 0 {
        lines.push(format!("{} more were being read by somebody else", report.in_flight_elsewhere));
    }
    if report.interrupted {
        lines.push("stopped before the end of the queue; typing it again goes on".to_owned());
    }
    lines.push(match &report.audit {
        Some(id) => format!("on record as {id}"),
        None => "on no record: the stack has no audit table".to_owned(),
    });
    lines.join("\n")
}
