//! How far something is, drawn on a terminal.

use fanfare_history::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// A bar on standard error, if that is a terminal.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new() -> Self {
        match std::io::stderr().is_terminal() {
            true => Self(ProgressBar::no_length()),
            false => Self(ProgressBar::hidden()),
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn begin(&self, what: &'static str, steps: u64) {
        let template = match steps {
            0 => "{msg} {pos} {spinner}",
            _ => "{msg} {bar:40} {pos} of about {len}, {eta} left",
        };
        // Both templates are right; indicatif's own is no worse than none.
        let style = ProgressStyle::with_template(template);
        self.0.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.0.reset();
        self.0.set_message(what);
        match steps {
            0 => self.0.unset_length(),
            _ => self.0.set_length(steps),
        }
    }

    fn advance(&self, steps: u64) {
        self.0.inc(steps);
    }
}
