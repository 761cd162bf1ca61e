//! What is printed: lines, tables and JSON; and how far it is.

use crate::terminal;
use comfy_table::Table;
use comfy_table::presets::{NOTHING, UTF8_FULL_CONDENSED};
use fanfare_operate::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::{ErrorKind, Write};

/// Prints a text and the end of its line. A reader that has gone, such as `head`, has got what it wanted.
pub(crate) fn say(text: &str) -> std::io::Result<()> {
    let mut out = anstream::stdout();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        said => said,
    }
}

/// Prints something as JSON.
pub(crate) fn say_json(value: &impl Serialize) -> Result<(), Box<dyn std::error::Error>> {
    Ok(say(&serde_json::to_string_pretty(value)?)?)
}

/// So many letters, in words.
pub(crate) fn letters(count: u64) -> String {
    match count {
        1 => "1 letter".to_owned(),
        _ => format!("{count} letters"),
    }
}

/// A table: with lines on a terminal, with nothing but spaces elsewhere.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(if terminal::is_fancy() { UTF8_FULL_CONDENSED } else { NOTHING });
    table.set_header(header.to_vec());
    for row in rows {
        table.add_row(row.to_vec());
    }
    table.to_string()
}

/// A bar on a terminal; nothing elsewhere.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new(what: &'static str) -> Self {
        if !terminal::is_fancy() {
            return Self::hidden();
        }
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
        let bar = ProgressBar::new(0).with_message(what);
        Self(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    /// None, even on a terminal.
    pub(crate) fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    /// Prints above the bar.
    pub(crate) fn say(&self, text: &str) -> std::io::Result<()> {
        self.0.suspend(|| say(text))
    }
}

impl Progress for Bar {
    fn expect(&self, letters: u64) {
        self.0.inc_length(letters);
    }

    fn advance(&self, letters: u64) {
        self.0.inc(letters);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
