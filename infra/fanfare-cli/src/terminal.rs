//! How things look: colours on a terminal, plain text everywhere else and under `NO_COLOR`.

use anstyle::{AnsiColor, Style};
use std::io::IsTerminal;

/// What went wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What went well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What matters less.
pub(crate) const DIM: Style = Style::new().dimmed();

/// Whether lines and bars may be drawn on standard output.
pub(crate) fn is_fancy() -> bool {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stdout().is_terminal() && !no_color
}
