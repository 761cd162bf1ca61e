//! What is new in one list of lines, and what is gone from the other.

use std::collections::BTreeSet;
use std::fmt;

/// The lines that only one of two texts has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    gone: Vec<String>,
    new: Vec<String>,
}

impl Comparison {
    pub(crate) fn between(before: &str, after: &str) -> Self {
        let (old, now): (BTreeSet<_>, BTreeSet<_>) =
            (before.lines().collect(), after.lines().collect());
        let only = |these: &BTreeSet<&str>, those| {
            these.difference(those).map(|line| (*line).to_owned()).collect()
        };
        Self { gone: only(&old, &now), new: only(&now, &old) }
    }

    pub(crate) fn is_equal(&self) -> bool {
        self.gone.is_empty() && self.new.is_empty()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.gone.iter().try_for_each(|line| writeln!(f, "  - {line}"))?;
        self.new.iter().try_for_each(|line| writeln!(f, "  + {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_changed_is_shown_as_it_was_and_as_it_is() {
        let comparison = Comparison::between("fn a()\nfn b()\n", "fn a()\nfn b(n: u8)\n");
        assert!(!comparison.is_equal());
        assert_eq!(comparison.to_string(), "  - fn b()\n  + fn b(n: u8)\n");
    }

    #[test]
    fn equal_texts_have_no_difference() {
        assert!(Comparison::between("fn a()\n", "fn a()\n").is_equal());
    }
}
