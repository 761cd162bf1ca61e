//! What dead letters have in common: the cause of their failure, without what differs from one to the next.

use sha2::{Digest, Sha256};
use std::fmt;

/// A text of this length that mixes letters and digits is somebody's identifier.
const IDENTIFIER_LENGTH: usize = 8;

/// A cause: an error's words, with `*` for every identifier and `#` for every number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    text: String,
}

impl Cause {
    /// The cause that an error's words tell of. Errors that differ in numbers and identifiers alone have the
    /// same.
    pub fn of(error: &str) -> Self {
        let mut text = String::with_capacity(error.len());
        let mut word = String::new();
        for c in error.trim().chars() {
            if c.is_alphanumeric() || c == '_' || c == '-' {
                word.push(c);
                continue;
            }
            close(&mut word, &mut text);
            text.push(c);
        }
        close(&mut word, &mut text);
        Self { text }
    }

    /// What its group is called: six hexadecimal digits, the same wherever and whenever it is asked for.
    pub fn group(&self) -> String {
        let hash = Sha256::digest(self.text.as_bytes());
        hash.iter().take(3).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Its words.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Ends a word: into `text` goes what all errors of its kind have in its place.
fn close(word: &mut String, text: &mut String) {
    if is_identifier(word) {
        text.push('*');
    } else {
        let mut in_number = false;
        for c in word.chars() {
            let is_digit = c.is_ascii_digit();
            match is_digit {
                true if in_number => {}
                true => text.push('#'),
                false => text.push(c),
            }
            in_number = is_digit;
        }
    }
    word.clear();
}

/// Whether a word is made up to tell one thing from another: `evt_42`, a UUID, a long mix of dead letters and digits.
fn is_identifier(word: &str) -> bool {
    let is_letter = |c: char| c.is_alphabetic();
    if !word.contains(|c: char| c.is_ascii_digit()) || !word.contains(is_letter) {
        // Hyphens between digits alone: a UUID or a date, not a number.
        return word.contains('-')
            && word.contains(|c: char| c.is_ascii_digit())
            && !word.starts_with('-');
    }
    if word.contains(['_', '-']) {
        return true;
    }
    let kinds: Vec<bool> = word.chars().map(is_letter).collect();
    let changes = kinds.windows(2).filter(|pair| matches!(pair, [a, b] if a != b)).count();
    kinds.len() >= IDENTIFIER_LENGTH && changes >= 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cause(error: &str) -> String {
        Cause::of(error).as_str().to_owned()
    }

    #[test]
    fn identifiers_and_numbers_are_taken_out_and_names_stay() {
        assert_eq!(
            cause("room room_01J8XQ is unknown at line 12 column 345"),
            "room * is unknown at line # column #"
        );
        assert_eq!(
            cause("event 0198f2c4-7a51-7c3e-9c58-111122223333 of 2024-01-15T10:30:00Z"),
            "event * of *:#:#Z"
        );
        assert_eq!(cause("unknown event type \"RoomAdded\""), "unknown event type \"RoomAdded\"");
        assert_eq!(cause("field `unit_price` is -5"), "field `unit_price` is -#");
        assert_eq!(
            cause("RoomAdded has schema version 3, newer than the 1 known here"),
            "RoomAdded has schema version #, newer than the # known here"
        );
        assert_eq!(cause("digest 9f86d081884c7d65 then, utf8 now"), "digest * then, utf# now");
    }

    #[test]
    fn a_group_s_name_never_changes() {
        assert_eq!(
            Cause::of("no such customer 42").group(),
            Cause::of("no such customer 7").group()
        );
        assert_eq!(Cause::of("no such customer 42").group(), "1089d9");
    }

    proptest! {
        #[test]
        fn errors_that_differ_in_a_number_or_an_identifier_alone_are_of_one_group(
            before in "[a-z ]{0,20}", after in "[a-z ,.]{0,20}", one in any::<u64>(), other in any::<u64>()
        ) {
            for (left, right) in [("", ""), ("evt_", ""), ("line ", ":"), ("\"", "\"")] {
                let error = |n: u64| format!("{before} {left}{n}{right} {after}");
                prop_assert_eq!(Cause::of(&error(one)), Cause::of(&error(other)));
            }
        }

        #[test]
        fn a_cause_is_its_own_cause_and_has_no_digits(error in "\\PC{0,100}") {
            let once = Cause::of(&error);
            prop_assert_eq!(&Cause::of(once.as_str()), &once);
            prop_assert!(!once.as_str().contains(|c: char| c.is_ascii_digit()));
        }

        #[test]
        fn words_without_digits_stay_as_they_are(error in "[a-zA-Z_ :\"`]{0,60}") {
            let cause = Cause::of(&error);
            prop_assert_eq!(cause.as_str(), error.trim());
        }
    }
}
