//! What is printed: lines, tables and JSON.

use crate::terminal::{self, is_harmful};
use comfy_table::Table;
use comfy_table::presets::{NOTHING, UTF8_FULL_CONDENSED};
use serde::Serialize;
use std::io::{ErrorKind, IsTerminal, Write};

/// Prints a text and the end of its line. A reader that has gone, such as `head`, has got what it wanted.
///
/// What somebody else wrote goes through [`terminal::harmless`] before.
///
/// # Errors
/// When standard output takes nothing.
pub fn say(text: &str) -> std::io::Result<()> {
    let mut out = anstream::stdout();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        said => said,
    }
}

/// Prints something as JSON.
///
/// # Errors
/// When it can't be JSON, or standard output takes nothing.
pub fn say_json(value: &impl Serialize) -> Result<(), Box<dyn std::error::Error>> {
    Ok(say(&escaped(&serde_json::to_string_pretty(value)?))?)
}

/// JSON in which all is escaped that would steer a terminal: it means the same. serde_json leaves DEL, C1 and overrides
/// of direction as they are; all of them can be inside of texts alone.
pub fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match is_harmful(c) {
            true => text += &format!("\\u{:04x}", u32::from(c)),
            false => text.push(c),
        }
    }
    text
}

/// Standard output for lines of JSON: as they are for a program that reads them, [`escaped`] on a terminal.
pub(crate) fn json_lines() -> Box<dyn Write> {
    let out = std::io::stdout();
    match out.is_terminal() {
        true => Box::new(Escaping { out, rest: Vec::new() }),
        false => Box::new(out),
    }
}

/// Escapes the JSON that is written to it.
struct Escaping<W> {
    out: W,
    /// The beginning of a character whose other bytes are still to come.
    rest: Vec<u8>,
}

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.rest) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        let rest = self.rest.split_off(whole);
        let text = std::mem::replace(&mut self.rest, rest);
        self.out.write_all(escaped(&String::from_utf8_lossy(&text)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// So many dead letters, in words.
pub(crate) fn dead_letters(count: u64) -> String {
    match count {
        1 => "1 dead letter".to_owned(),
        _ => format!("{count} dead letters"),
    }
}

/// A table: with lines on a terminal, with nothing but spaces elsewhere.
pub fn table<const N: usize>(
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_character_that_is_written_in_parts_is_escaped_whole() {
        let mut out = Escaping { out: Vec::new(), rest: Vec::new() };
        for byte in "\"ä\u{9b}\u{202e}\"".as_bytes() {
            out.write_all(&[*byte]).expect("written");
        }
        assert_eq!(String::from_utf8_lossy(&out.out), r#""ä\u009b\u202e""#);
    }

    #[test]
    fn json_that_steers_a_terminal_is_escaped_and_means_the_same() {
        let value = json!({"text": "a\u{9b}31m\u{202e}\u{7f}\u{1b}ä"});
        let text = escaped(&value.to_string());
        assert_eq!(text, r#"{"text":"a\u009b31m\u202e\u007f\u001bä"}"#);
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value);
    }
}
