//! A template's text as a tree. JSON is read as the YAML that it is.
//!
//! The tree is built without recursion (`builder`), and its depth and size are bounded, so that no text can
//! exhaust stack or memory.

use super::builder::Builder;
use super::{Node, Place, Unreadable};
use saphyr_parser::Parser;

/// More than any template nests: CloudFormation itself gives up long before.
pub(super) const MAX_DEPTH: usize = 100;
/// What a template of the largest size that CloudFormation takes (1 MB) cannot exceed without aliases.
pub(crate) const MAX_WEIGHT: usize = 1_000_000;

/// What a text counts for: one value, and more if it is long. The unit is some 64 bytes.
pub(crate) fn weight(text: &str) -> usize {
    1 + text.len() / 64
}

/// A text, read.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) root: Node,
    /// Keys that are in one map more than once; the last one is in the tree.
    pub(crate) repeated: Vec<Repeated>,
}

/// A key that is in its map again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Repeated {
    pub(crate) key: String,
    /// Where it was before.
    pub(crate) first: Place,
    /// Where it is again.
    pub(crate) place: Place,
}

/// Reads one document.
pub(crate) fn parse(text: &str) -> Result<Parsed, Unreadable> {
    let text = text.trim_start_matches('\u{feff}');
    let spaced;
    // JSON may be indented by tabs, YAML may not. No JSON text has a tab inside a value.
    let text = match is_json_with_tabs(text) {
        true => {
            spaced = text.replace('\t', " ");
            &spaced
        }
        false => text,
    };
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let reason = format!("not YAML: {}", error.info());
            Unreadable::new(place(error.marker()), reason)
        })?;
        builder.take(event, span)?;
    }
    match builder.document {
        Some(root) => Ok(Parsed { root, repeated: builder.repeated }),
        None => Err(Unreadable::new(Place::START, "the file is empty")),
    }
}

fn is_json_with_tabs(text: &str) -> bool {
    text.contains('\t')
        && text.trim_start().starts_with('{')
        && serde_json::from_str::<serde_json::Value>(text).is_ok()
}

pub(super) fn place(marker: &saphyr_parser::Marker) -> Place {
    Place { line: marker.line().max(1), column: marker.col() + 1 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn root(text: &str) -> Node {
        parse(text).unwrap().root
    }

    fn reason(text: &str) -> String {
        parse(text).map(|document| document.repeated).unwrap_err().to_string()
    }

    #[test]
    fn every_value_knows_its_place() {
        let root = root("a: 1\nb:\n  - c: !Ref X\n");

        let item = &root.get("b").unwrap().as_list().unwrap()[0];

        assert_eq!(root.as_map().unwrap()[1].place, Place { line: 2, column: 1 });
        assert_eq!(item.as_map().unwrap()[0].place, Place { line: 3, column: 5 });
        let (name, argument) = item.get("c").unwrap().as_function().unwrap();
        assert_eq!((name, argument.as_text()), ("Ref", Some("X")));
    }

    #[test]
    fn json_may_be_indented_by_tabs() {
        let root = root("{\n\t\"a\":\t[1, 2],\n\t\"b\": \"x\\ty\"\n}");

        assert_eq!(root.get("a").unwrap().as_list().unwrap().len(), 2);
        assert_eq!(root.get("b").unwrap().as_text(), Some("x\ty"));
    }

    #[test]
    fn an_alias_brings_its_value_and_a_merge_its_entries() {
        let root = root("a: &a { x: 1, y: 1 }\nb: *a\nc: { <<: *a, y: 2 }\n");

        assert_eq!(root.get("b").unwrap().get("x").unwrap().as_text(), Some("1"));
        assert_eq!(root.get("c").unwrap().get("x").unwrap().as_text(), Some("1"));
        assert_eq!(root.get("c").unwrap().get("y").unwrap().as_text(), Some("2"));
    }

    #[test]
    fn what_is_too_deep_too_large_or_no_template_is_refused() {
        let bomb: String =
            (1..40).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)).collect();

        assert!(reason(&"[".repeat(150)).contains("nested more than 100 deep"));
        assert!(reason(&"[".repeat(100_000)).starts_with("line 1: "));
        assert!(reason(&"- ".repeat(1_000)).contains("nested more than 100 deep"));
        assert!(reason(&format!("a0: &a0 x\n{bomb}")).contains("too large"));
        let tower: String = (1..40).map(|n| format!("a{n}: &a{n} [[[[*a{}]]]]\n", n - 1)).collect();
        assert!(reason(&format!("a0: &a0 x\n{tower}")).contains("nested more than 100 deep"));
        let letters = "x".repeat(10_000);
        let copies = "- *a\n".repeat(10_000);
        assert!(reason(&format!("- &a {letters}\n{copies}")).contains("too large"));
        assert!(reason("a: *b").contains("not YAML"));
        assert!(reason("a: &a [*a]").contains("refers to what is not there yet"));
        assert!(reason("").contains("empty"));
        assert!(reason("a: 1\n---\nb: 1").contains("second"));
        assert!(reason("? [a]\n: 1").contains("a key must be a plain text"));
    }

    #[test]
    fn of_a_key_that_is_there_twice_the_last_counts() {
        let document = parse("a: 1\nb: 2\na: 3").unwrap();

        assert_eq!(document.root.get("a").unwrap().as_text(), Some("3"));
        let again = Repeated {
            key: "a".to_owned(),
            first: Place { line: 1, column: 1 },
            place: Place { line: 3, column: 1 },
        };
        assert_eq!(document.repeated, [again]);
    }
}
