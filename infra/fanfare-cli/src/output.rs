//! What is printed: lines, tables and JSON.

use crate::terminal::{self, harmless, harmless_but_styled, is_harmful};
use comfy_table::Table;
use comfy_table::presets::{NOTHING, UTF8_FULL_CONDENSED};
use serde::Serialize;
use std::io::{ErrorKind, IsTerminal, Write};

/// What clears a terminal: the cursor to the top left, and nothing below it.
const CLEAR: &str = "\x1b[H\x1b[J";

/// Prints a text and the end of its line. A reader that has gone, such as `head`, has got what it wanted.
///
/// What somebody else wrote goes through [`terminal::harmless`] before; what does not can't do more than colour it.
///
/// # Errors
/// When standard output takes nothing.
pub fn say(text: &str) -> std::io::Result<()> {
    print(&format!("{}\n", harmless_but_styled(text)))
}

/// Empties the terminal, and puts a text there.
pub(crate) fn say_alone(text: &str) -> std::io::Result<()> {
    print(&format!("{CLEAR}{}\n", harmless_but_styled(text)))
}

fn print(text: &str) -> std::io::Result<()> {
    let mut out = anstream::stdout();
    match write!(out, "{text}").and_then(|()| out.flush()) {
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
        true => Box::new(Escaping { out, escape: escaped, rest: Vec::new() }),
        false => Box::new(out),
    }
}

/// Standard error for what the runner and the SDKs say, which may quote anybody.
pub(crate) fn warnings() -> impl Write {
    Escaping { out: std::io::stderr(), escape: harmless, rest: Vec::new() }
}

/// Standard output for the text of a report that quotes a template.
pub(crate) fn report() -> impl Write {
    Escaping { out: anstream::stdout(), escape: harmless_but_styled, rest: Vec::new() }
}

/// Shows a line that a function wrote.
pub(crate) fn show_log(function: &str, line: &str) {
    anstream::eprintln!("{} | {}", harmless(function), harmless(line));
}

/// Escapes what is written to it, line by line: a character or a style may come in parts.
struct Escaping<W> {
    out: W,
    escape: fn(&str) -> String,
    /// The beginning of a line.
    rest: Vec<u8>,
}

impl<W: Write> Escaping<W> {
    fn pass(&mut self, lines: Vec<u8>) -> std::io::Result<()> {
        self.out.write_all((self.escape)(&String::from_utf8_lossy(&lines)).as_bytes())
    }
}

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        if let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') {
            let rest = self.rest.split_off(end + 1);
            let lines = std::mem::replace(&mut self.rest, rest);
            self.pass(lines)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let rest = std::mem::take(&mut self.rest);
        self.pass(rest)?;
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
        let mut out = Escaping { out: Vec::new(), escape: escaped, rest: Vec::new() };
        for byte in "\"ä\u{9b}\u{202e}\"".as_bytes() {
            out.write_all(&[*byte]).expect("written");
        }
        out.flush().expect("written");
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
