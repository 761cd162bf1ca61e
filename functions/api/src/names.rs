//! Names, as people see them in mails, on labels and in a terminal.

use fanfare_http::Problem;

/// The longest name, in characters.
const MAX_NAME: usize = 200;
/// The characters that turn the direction of what follows, and so make a name look like another: Unicode's property
/// `Bidi_Control` (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>).
const BIDI_CONTROLS: [char; 12] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];
/// Unicode's own ends of a line, which are no control characters.
const LINE_ENDS: [char; 2] = ['\u{2028}', '\u{2029}'];

/// Checks what a mail's header could be forged by, or a reader be deceived.
///
/// # Errors
/// 400, naming the field.
pub(crate) fn check_name(field: &str, name: &str) -> Result<(), Problem> {
    let is_bare = !name.is_empty() && name.trim() == name;
    let is_hidden =
        |c: char| c.is_control() || BIDI_CONTROLS.contains(&c) || LINE_ENDS.contains(&c);
    match is_bare && name.chars().count() <= MAX_NAME && !name.chars().any(is_hidden) {
        true => Ok(()),
        false => Err(Problem::invalid(
            field,
            format!(
                "must be 1 to {MAX_NAME} characters, none of them for control or for the direction of writing, without \
                 space around it"
            ),
        )),
    }
}
