//! How a text becomes a part of a page.

use askama::filters::Escaper;
use std::fmt::{self, Write};

/// Characters that change how the text around them is laid out
/// (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>), or are not seen at all.
const HIDDEN: [std::ops::RangeInclusive<char>; 7] = [
    '\u{61c}'..='\u{61c}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{2069}',
    '\u{feff}'..='\u{feff}',
    '\u{fff9}'..='\u{fffb}',
    '\u{e0000}'..='\u{e007f}',
];

/// Writes a text so that it is read as the text that it is: markup does nothing, and what would steer the page or not be seen
/// (control characters, overrides of direction) is shown by its code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        string.chars().try_for_each(|c| self.write_escaped_char(&mut dest, c))
    }

    fn write_escaped_char<W: Write>(&self, mut dest: W, c: char) -> fmt::Result {
        match c {
            '<' => dest.write_str("&#60;"),
            '>' => dest.write_str("&#62;"),
            '&' => dest.write_str("&#38;"),
            '"' => dest.write_str("&#34;"),
            '\'' => dest.write_str("&#39;"),
            '\n' | '\t' => dest.write_char(c),
            c if c.is_control() || HIDDEN.iter().any(|range| range.contains(&c)) => {
                write!(dest, "{}", c.escape_unicode())
            }
            c => dest.write_char(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut shown = String::new();
        Visible.write_escaped_str(&mut shown, text).expect("a text takes everything");
        shown
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(
            shown(r#"<a href="x" b='y'>&"#),
            "&#60;a href=&#34;x&#34; b=&#39;y&#39;&#62;&#38;"
        );
    }

    #[test]
    fn what_would_not_be_seen_is_shown_by_its_code() {
        assert_eq!(
            shown("a\0b\u{1b}[2J\u{202e}c\u{200b}\u{9b}"),
            "a\\u{0}b\\u{1b}[2J\\u{202e}c\\u{200b}\\u{9b}"
        );
        assert_eq!(shown("grüße\n\tעברית 🎺"), "grüße\n\tעברית 🎺");
    }
}
