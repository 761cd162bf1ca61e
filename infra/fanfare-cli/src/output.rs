//! What is printed: lines, tables and JSON.

use crate::terminal;
use comfy_table::Table;
use comfy_table::presets::{NOTHING, UTF8_FULL_CONDENSED};
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
