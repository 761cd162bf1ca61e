//! How things look: colours on a terminal, plain text everywhere else and under `NO_COLOR`.

use anstyle::{AnsiColor, Style};
use std::fmt::Write;
use std::io::IsTerminal;

/// What went wrong.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What went well.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What matters less.
pub const DIM: Style = Style::new().dimmed();

/// Characters that change how the text around them is laid out: overrides and isolates of direction, and marks
/// (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>).
const DIRECTIONAL: [std::ops::RangeInclusive<char>; 4] = [
    '\u{61c}'..='\u{61c}',
    '\u{200e}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2066}'..='\u{2069}',
];

/// Whether lines and bars may be drawn on standard output.
pub fn is_fancy() -> bool {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stdout().is_terminal() && !no_color
}

/// A text in a style, for an output that takes colours away where they do not belong.
pub fn styled(style: Style, text: &str) -> String {
    format!("{}{text}{}", style.render(), style.render_reset())
}

/// A text that somebody else wrote, such as an event or its error, fit to be shown: what would steer a terminal or hide
/// what is written (control characters but for tab and line feed, ESC, C1, overrides of direction) is shown by its code.
///
/// ```
/// use fanfare_cli::terminal::harmless;
///
/// assert_eq!(harmless("\u{1b}[2Jgone"), "\\u{1b}[2Jgone");
/// assert_eq!(harmless("naïve\n\tgrüße"), "naïve\n\tgrüße");
/// ```
pub fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match is_harmful(c) {
            // A String takes whatever is written.
            true => write!(shown, "{}", c.escape_unicode()).unwrap_or_default(),
            false => shown.push(c),
        }
    }
    shown
}

/// A line of ours with texts of others in it, as it goes to a terminal: [`harmless`] but for styles, so that what somebody forgot
/// to make harmless can be coloured at the worst.
///
/// ```
/// use fanfare_cli::terminal::{GOOD, harmless_but_styled, styled};
///
/// let line = styled(GOOD, "done");
/// assert_eq!(harmless_but_styled(&line), line);
/// assert_eq!(harmless_but_styled("\u{1b}[2Jgone"), "\\u{1b}[2Jgone");
/// ```
pub fn harmless_but_styled(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(escape) = rest.find('\u{1b}') {
        let (before, after) = rest.split_at(escape);
        shown += &harmless(before);
        match style(after) {
            "" => (shown, rest) = (shown + &harmless("\u{1b}"), &after[1..]),
            style => (shown, rest) = (shown + style, &after[style.len()..]),
        }
    }
    shown + &harmless(rest)
}

/// The escape sequence of a style (ECMA-48's SGR) that a text begins with, if it does.
fn style(text: &str) -> &str {
    let Some(after) = text.strip_prefix("\u{1b}[") else { return "" };
    let end = after.trim_start_matches(|c: char| c == ';' || c.is_ascii_digit());
    match end.strip_prefix('m') {
        Some(end) => &text[..text.len() - end.len()],
        None => "",
    }
}

/// Whether a character steers a terminal or hides what is written.
pub(crate) fn is_harmful(c: char) -> bool {
    let is_layout = c == '\n' || c == '\t';
    c.is_control() && !is_layout || DIRECTIONAL.iter().any(|range| range.contains(&c))
}

/// A line on standard error about what went wrong.
pub fn complain(text: &str) {
    anstream::eprintln!("{} {}", styled(BAD, "error:"), harmless(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_line_only_its_styles_get_through() {
        let style = styled(BAD, "bad");
        let line = format!("{style} a\u{9b}31m \u{1b}]0;t\u{7} \u{1b}\u{1b}[8m\u{1b}[");
        let shown =
            format!("{style} a\\u{{9b}}31m \\u{{1b}}]0;t\\u{{7}} \\u{{1b}}\u{1b}[8m\\u{{1b}}[");
        assert_eq!(harmless_but_styled(&line), shown);
    }

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        for (text, shown) in [
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("a\u{9b}31mb", "a\\u{9b}31mb"),
            ("txt.\u{202e}exe", "txt.\\u{202e}exe"),
            ("\rover", "\\u{d}over"),
            ("日本語 עברית 🎺", "日本語 עברית 🎺"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }
}
