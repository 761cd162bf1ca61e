//! How far something is, drawn on a terminal.

use crate::output;
use fanfare_operate::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// A bar on standard error, if that is a terminal. It goes away when dropped.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar for what is done.
    pub fn new(what: &'static str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::hidden();
        }
        let bar = Self(ProgressBar::no_length());
        bar.begin(what);
        bar
    }

    /// None, even on a terminal.
    pub fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    /// Prints above the bar.
    ///
    /// # Errors
    /// As [`output::say`].
    pub fn say(&self, text: &str) -> std::io::Result<()> {
        self.0.suspend(|| output::say(text))
    }

    /// So many steps are done in all.
    pub fn is_at(&self, steps: u64) {
        self.0.set_position(steps);
    }

    fn draw_as(&self, template: &str) {
        // The templates are right; indicatif's own is no worse than none.
        let style = ProgressStyle::with_template(template);
        self.0.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    }
}

impl Progress for Bar {
    fn begin(&self, what: &'static str) {
        self.draw_as("{msg} {pos} {spinner}");
        self.0.reset();
        self.0.unset_length();
        self.0.set_message(what);
    }

    fn expect(&self, steps: u64) {
        if steps > 0 {
            self.draw_as("{msg} {wide_bar} {pos} of about {len}, {eta} left");
            self.0.set_length(self.0.length().unwrap_or(0) + steps);
        }
    }

    fn advance(&self, steps: u64) {
        self.0.inc(steps);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
