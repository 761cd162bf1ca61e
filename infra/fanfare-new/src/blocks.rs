//! A template's text as blocks: each entry of a section with the lines that are below it. Nothing is parsed again: what
//! is not touched stays as it is, comments and order included.

use std::ops::Range;

/// An entry of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block<'t> {
    /// Its key: a resource's logical id, a mapping's name.
    pub(crate) key: &'t str,
    /// Where it is, in bytes: up to the next entry, without the empty lines and comments before that.
    pub(crate) range: Range<usize>,
    pub(crate) text: &'t str,
}

/// The entries of a section, if it is a block mapping with an indent of two spaces.
pub(crate) fn blocks<'t>(text: &'t str, section: &str) -> Vec<Block<'t>> {
    let Some(range) = section_of(text, section) else { return Vec::new() };
    let mut starts: Vec<(usize, &str)> = Vec::new();
    let mut at = range.start;
    for line in text[range.clone()].split_inclusive('\n') {
        if let Some(key) = key_of(line) {
            starts.push((at, key));
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([range.end]);
    let block = |(&(start, key), end): (&(usize, &'t str), usize)| {
        let length = own_length(&text[start..end]);
        Block { key, range: start..start + length, text: &text[start..start + length] }
    };
    starts.iter().zip(ends).map(block).collect()
}

/// Where a section's entries are.
pub(crate) fn section_of(text: &str, section: &str) -> Option<Range<usize>> {
    let (mut at, mut start) = (0, None);
    for line in text.split_inclusive('\n') {
        let is_section = line.starts_with(|c: char| c.is_ascii_alphabetic());
        if let Some(start) = start.filter(|_| is_section) {
            return Some(start..at);
        }
        at += line.len();
        if is_section && line.trim_end().strip_suffix(':') == Some(section) {
            start = Some(at);
        }
    }
    start.map(|start| start..at)
}

/// The key of a line that begins an entry: `  EmailQueue:`.
fn key_of(line: &str) -> Option<&str> {
    let key = line.strip_prefix("  ")?.trim_end().strip_suffix(':')?;
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric());
    is_key.then_some(key)
}

/// How much of a text is of its entry: what is indented deeper, and no empty line or comment after that.
fn own_length(text: &str) -> usize {
    let (mut at, mut end) = (0, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        at += line.len();
        if index == 0 || line.starts_with("    ") {
            end = at;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "A: 1\nResources:\n  X:\n    Type: T\n\n  # of Y\n  Y:\n    Type: |\n\n      U\n# end\nOutputs:\n  Z:\n    V: 1\n";

    #[test]
    fn an_entry_has_what_is_below_it_and_not_what_is_said_of_the_next() {
        let found: Vec<(&str, &str)> =
            blocks(TEXT, "Resources").iter().map(|block| (block.key, block.text)).collect();

        let expected = [("X", "  X:\n    Type: T\n"), ("Y", "  Y:\n    Type: |\n\n      U\n")];
        assert_eq!(found, expected);
        assert_eq!(blocks(TEXT, "Outputs").len(), 1);
        assert!(blocks("Resources: { X: {} }\n", "Resources").is_empty());
    }
}
